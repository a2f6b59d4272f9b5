package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// get prints the body of one answer unchanged.
func get(arguments []string) error {
	flags := flag.NewFlagSet("get", flag.ExitOnError)
	timeout := flags.Duration("timeout", 3*time.Second, "for the whole request")
	name := flags.String("host", "", "Host header and SNI")
	authority := authorityFlag(flags)
	forwarded := flags.String("forwarded-for", "", "X-Forwarded-For, as a client may claim it")
	_ = flags.Parse(arguments)
	request, err := http.NewRequest(http.MethodGet, flags.Arg(0), nil)
	if err != nil {
		return err
	}
	request.Host = *name
	if *forwarded != "" {
		request.Header.Set("X-Forwarded-For", *forwarded)
	}
	encrypt, err := trusting(*authority)
	if err != nil {
		return err
	}
	encrypt.ServerName = *name
	client := http.Client{Timeout: *timeout, Transport: &http.Transport{TLSClientConfig: encrypt}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

func authorityFlag(set *flag.FlagSet) *string {
	return set.String("ca", "", "file with the authority that must have signed the certificate; empty: it is not verified")
}

// trusting verifies certificates by the authority in the file. Without a file it does not verify.
func trusting(file string) (*tls.Config, error) {
	if file == "" {
		return &tls.Config{InsecureSkipVerify: true}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate", file)
	}
	return &tls.Config{RootCAs: pool}, nil
}
