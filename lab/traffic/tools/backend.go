package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
	"golang.org/x/sys/unix"
)

// answer describes a request as the backend saw it.
type answer struct {
	Pod           string `json:"pod"`
	Scheme        string `json:"scheme"`
	Client        string `json:"client"` // without port: from the PROXY header, or the peer
	Peer          string `json:"peer"`
	ProxyProtocol string `json:"proxyProtocol"`
	Host          string `json:"host"`
	ServerName    string `json:"serverName,omitempty"`
	ForwardedFor  string `json:"forwardedFor,omitempty"`
}

// client returns the client's address. Only the last entry of X-Forwarded-For is the gateway's: a client can forge the others.
func (a *answer) client() string {
	if a.ForwardedFor == "" {
		return a.Client
	}
	entries := strings.Split(a.ForwardedFor, ",")
	return strings.TrimSpace(entries[len(entries)-1])
}

type backendServer struct {
	pod     string
	grpc    http.Handler
	leaving atomic.Bool
}

// backend replaces an ingress gateway: HTTP, TLS, readiness on 15021, and a graceful end.
func backend(arguments []string) error {
	flags := flag.NewFlagSet("backend", flag.ExitOnError)
	plain := flags.String("http", ":8080", "address for HTTP; empty: none")
	secure := flags.String("https", ":8443", "address for TLS with a certificate made at start; empty: none")
	health := flags.String("health", ":15021", "address of /healthz/ready, never with a PROXY header; empty: none")
	mode := flags.String("proxy-protocol", "off", "off, optional or required")
	grace := flags.Duration("grace", 5*time.Second, "after SIGTERM: not ready, and serving on for so long")
	share := flags.Bool("reuse-port", false, "open a port although another process of the same user has it with this flag")
	_ = flags.Parse(arguments)
	policy, hasPolicy := headerPolicies[*mode]
	if !hasPolicy && *mode != "off" {
		return fmt.Errorf("invalid --proxy-protocol %q; expected off, optional or required", *mode)
	}
	server := &backendServer{pod: podName(), grpc: echoHandler()}
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	traffic := &http.Server{Handler: http.HandlerFunc(server.serve), ConnContext: rememberConn, ReadHeaderTimeout: 30 * time.Second, Protocols: allProtocols()}
	encrypt := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}
	asIs := func(listener net.Listener) net.Listener { return listener }
	withHeaders := asIs
	if hasPolicy {
		withHeaders = func(listener net.Listener) net.Listener { return readHeaders(listener, policy) }
	}
	failed := make(chan error, 3)
	for _, port := range []struct {
		address string
		server  *http.Server
		wrap    func(net.Listener) net.Listener
	}{
		{*plain, traffic, withHeaders},
		{*secure, traffic, func(listener net.Listener) net.Listener { return tls.NewListener(withHeaders(listener), encrypt) }},
		{*health, &http.Server{Handler: http.HandlerFunc(server.ready)}, asIs},
	} {
		if port.address == "" {
			continue
		}
		listener, err := listen(port.address, *share)
		if err != nil {
			return err
		}
		go func() { failed <- port.server.Serve(port.wrap(listener)) }()
	}
	return server.untilTerm(failed, *grace, traffic)
}

// listen opens a port. With SO_REUSEPORT, another process of the same user may have the port already.
func listen(address string, share bool) (net.Listener, error) {
	config := net.ListenConfig{}
	if share {
		config.Control = func(_, _ string, conn syscall.RawConn) error {
			return conn.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		}
	}
	return config.Listen(context.Background(), "tcp", address)
}

func (s *backendServer) untilTerm(failed chan error, grace time.Duration, traffic *http.Server) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-failed:
		return err
	case <-signals:
	}
	s.leaving.Store(true)
	time.Sleep(grace)
	bounded, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = traffic.Shutdown(bounded)
	return nil
}

func (s *backendServer) ready(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/healthz/ready" {
		w.WriteHeader(http.StatusNotFound)
	} else if s.leaving.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

type connKey struct{}

func rememberConn(ctx context.Context, conn net.Conn) context.Context {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return context.WithValue(ctx, connKey{}, conn)
}

// allProtocols returns HTTP/1.1, and HTTP/2 with and without TLS. A gateway uses it without TLS towards a gRPC service.
func allProtocols() *http.Protocols {
	all := new(http.Protocols)
	all.SetHTTP1(true)
	all.SetHTTP2(true)
	all.SetUnencryptedHTTP2(true)
	return all
}

// serve answers with JSON, or with what the client asks for. ?delay=MS delays the answer; ?bytes=N makes a long one; ?trickle=MS sends
// a byte in each such time; ?upload checks what the client sends.
func (s *backendServer) serve(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
	trickle, _ := strconv.Atoi(r.URL.Query().Get("trickle"))
	switch {
	case trickle > 0:
		serveTrickle(w, r, time.Duration(trickle)*time.Millisecond)
	case r.URL.Query().Has("upload"):
		checkUpload(w, r)
	case isUpgrade(r):
		echo(w, r)
	case isGRPC(r):
		s.grpc.ServeHTTP(w, r)
	case size > 0:
		serveBytes(w, min(size, 1<<40))
	case wantsPage(r):
		servePage(w, s.describe(r))
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.describe(r))
	}
}

func (s *backendServer) describe(r *http.Request) answer {
	seen := answer{
		Pod: s.pod, Scheme: "http", Client: host(r.RemoteAddr), Peer: peerOf(r.Context()),
		Host: r.Host, ForwardedFor: r.Header.Get("X-Forwarded-For"),
	}
	if conn, ok := r.Context().Value(connKey{}).(*proxyproto.Conn); ok {
		seen.ProxyProtocol = headerVersion(conn)
	}
	if r.TLS != nil {
		seen.Scheme, seen.ServerName = "https", r.TLS.ServerName
	}
	if delay, err := strconv.Atoi(r.URL.Query().Get("delay")); err == nil {
		time.Sleep(time.Duration(min(delay, 600_000)) * time.Millisecond)
	}
	return seen
}

// peerOf returns the address from which the connection comes, whatever a PROXY header says.
func peerOf(ctx context.Context) string {
	switch conn := ctx.Value(connKey{}).(type) {
	case *proxyproto.Conn:
		return host(conn.Raw().RemoteAddr().String())
	case net.Conn:
		return host(conn.RemoteAddr().String())
	}
	return ""
}

func host(address string) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return name
}

func podName() string {
	if name := os.Getenv("POD_NAME"); name != "" {
		return name
	}
	name, _ := os.Hostname()
	return name
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	holder := template(subject{CommonName: "labtool backend", Names: []string{"*.example.com", "example.com"}})
	certificate, err := x509.CreateCertificate(rand.Reader, holder, holder, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}, err
}
