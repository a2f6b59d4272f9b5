package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"flag"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// subject describes the holder of a certificate.
type subject struct {
	File         string   `json:"file"`
	CommonName   string   `json:"commonName"`
	Organization []string `json:"organization"`
	Names        []string `json:"names"`
	Addresses    []string `json:"addresses"`
}

const keyLife = 30 * 24 * time.Hour

// certs reads a list of subjects from stdin. It writes ca.crt, ca.key, sa.key, sa.pub and a pair for each subject.
func certs(arguments []string) error {
	flags := flag.NewFlagSet("certs", flag.ExitOnError)
	out := flags.String("out", ".", "directory to write to")
	_ = flags.Parse(arguments)
	var subjects []subject
	if err := json.NewDecoder(os.Stdin).Decode(&subjects); err != nil {
		return err
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := template(subject{CommonName: "lab"})
	authority.IsCA, authority.BasicConstraintsValid = true, true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	if err := writePair(*out, "ca", authority, authority, authorityKey, authorityKey); err != nil {
		return err
	}
	for _, holder := range subjects {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		if err := writePair(*out, holder.File, template(holder), authority, key, authorityKey); err != nil {
			return err
		}
	}
	return writeTokenKeys(*out)
}

func template(holder subject) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	made := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: holder.CommonName, Organization: holder.Organization},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(keyLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:     holder.Names,
	}
	for _, address := range holder.Addresses {
		made.IPAddresses = append(made.IPAddresses, net.ParseIP(address))
	}
	return made
}

func writePair(directory, name string, holder, issuer *x509.Certificate, key *ecdsa.PrivateKey, issuerKey crypto.Signer) error {
	certificate, err := x509.CreateCertificate(rand.Reader, holder, issuer, key.Public(), issuerKey)
	if err != nil {
		return err
	}
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(directory, name+".crt", "CERTIFICATE", certificate); err != nil {
		return err
	}
	return writePEM(directory, name+".key", "PRIVATE KEY", encodedKey)
}

// writeTokenKeys makes the pair that signs and verifies service account tokens.
func writeTokenKeys(directory string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(directory, "sa.pub", "PUBLIC KEY", public); err != nil {
		return err
	}
	return writePEM(directory, "sa.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func writePEM(directory, name, kind string, bytes []byte) error {
	return os.WriteFile(filepath.Join(directory, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
