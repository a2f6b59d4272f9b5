package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"
)

// grpcReport is what `labtool grpc` prints.
type grpcReport struct {
	Unary    int            `json:"unary"`    // calls that were answered
	Streams  int            `json:"streams"`  // streams with every message
	SpreadMs float64        `json:"spreadMs"` // shortest time from a stream's first message to its last; near zero if a proxy buffers messages
	FailedBy map[string]int `json:"failedBy"`
}

// grpc calls both methods of the backend several times over one connection.
func grpc(arguments []string) error {
	flags := flag.NewFlagSet("grpc", flag.ExitOnError)
	var aim target
	aim.flags(flags, 30*time.Second)
	count := flags.Int("count", 10, "calls of each method")
	authority := flags.String("ca", "", "file with the authority that must have signed the certificate; empty: it is not verified")
	_ = flags.Parse(arguments)
	if aim.address == "" || !aim.secure {
		return errors.New("--target or --tls is missing: HTTP/2 is agreed on in the TLS handshake")
	}
	encrypt, err := trusting(*authority)
	if err != nil {
		return err
	}
	encrypt.ServerName = aim.serverName
	user := &http.Client{Timeout: aim.timeout, Transport: &http.Transport{TLSClientConfig: encrypt, ForceAttemptHTTP2: true}}
	return printJSON(callMany(user, aim, *count))
}

func callMany(user *http.Client, aim target, count int) grpcReport {
	var failures tally
	report := grpcReport{SpreadMs: (streamMessages * streamPause).Seconds() * 1000}
	for range count {
		if at, err := callGRPC(user, "https://"+aim.address+unaryMethod, aim.serverName); err != nil {
			failures.add("unary:" + err.Error())
		} else if len(at) == 1 {
			report.Unary++
		}
		at, err := callGRPC(user, "https://"+aim.address+streamMethod, aim.serverName)
		if err != nil {
			failures.add("stream:" + err.Error())
		} else if len(at) == streamMessages {
			report.Streams++
			report.SpreadMs = min(report.SpreadMs, at[len(at)-1].Sub(at[0]).Seconds()*1000)
		}
	}
	report.FailedBy = failures.copy()
	return report
}

// callGRPC returns the time of each message. Fails if a message differs from the one sent, or the status is not OK.
func callGRPC(user *http.Client, url, host string) ([]time.Time, error) {
	const text = "from the lab"
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(message([]byte(text))))
	if err != nil {
		return nil, err
	}
	request.Host = host
	request.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}}
	response, err := user.Do(request)
	if err != nil {
		return nil, phase("request", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		return nil, fmt.Errorf("status:%d by HTTP/%d", response.StatusCode, response.ProtoMajor)
	}
	var at []time.Time
	for {
		said, err := readMessage(response.Body)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || string(said) != text {
			return at, fmt.Errorf("receive:another-message %q: %v", said, err)
		}
		at = append(at, time.Now())
	}
	if status := response.Trailer.Get("Grpc-Status"); status != "0" {
		return at, fmt.Errorf("grpc-status:%q", status)
	}
	return at, nil
}
