package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// target is where requests go and how they look.
type target struct {
	address    string
	serverName string
	path       string
	secure     bool
	connect    bool   // connect only, send nothing
	forged     string // version of the forged PROXY header
	from       string // source address
	timeout    time.Duration
}

func (t *target) flags(set *flag.FlagSet, timeout time.Duration) {
	set.StringVar(&t.address, "target", "", "host:port")
	set.StringVar(&t.serverName, "host", "shop.example.com", "Host header and SNI")
	set.StringVar(&t.path, "path", "/", "path")
	set.BoolVar(&t.secure, "tls", false, "speak TLS; the certificate is not verified")
	set.BoolVar(&t.connect, "connect-only", false, "a TCP (or TLS) handshake is enough")
	set.StringVar(&t.forged, "forge", "", "claim to be another client, in a PROXY header ahead of everything: v1 or v2")
	set.StringVar(&t.from, "from", "", "connect from this address of the machine, instead of the one that the kernel chooses")
	set.DurationVar(&t.timeout, "timeout", timeout, "for a whole request, connecting included")
}

// client is one connection, used for one request or for many.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

// dial connects; the error begins with the phase that failed.
func (t *target) dial(deadline time.Time) (*client, error) {
	dialer := net.Dialer{Deadline: deadline, KeepAlive: -1}
	if t.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(t.from)}
	}
	conn, err := dialer.Dial("tcp", t.address)
	if err != nil {
		return nil, phase("connect", err)
	}
	_ = conn.SetDeadline(deadline)
	if err := forge(t.forged, conn); err != nil {
		conn.Close()
		return nil, phase("send", err)
	}
	if t.secure {
		encrypted := tls.Client(conn, &tls.Config{ServerName: t.serverName, InsecureSkipVerify: true})
		if err := encrypted.Handshake(); err != nil {
			conn.Close()
			return nil, phase("handshake", err)
		}
		conn = encrypted
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// request sends one request and reads the whole answer; a status other than 200 is a failure.
func (t *target) request(c *client, deadline time.Time, last bool) (*answer, error) {
	_ = c.conn.SetDeadline(deadline)
	connection := "keep-alive"
	if last {
		connection = "close"
	}
	head := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: %s\r\n\r\n", t.path, t.serverName, connection)
	if _, err := io.WriteString(c.conn, head); err != nil {
		return nil, phase("send", err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return nil, phase("receive", err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, phase("receive", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status:%d", response.StatusCode)
	}
	said := &answer{}
	_ = json.Unmarshal(body, said) // ignored: another server's answer is not JSON, but it is an answer
	return said, nil
}

// once sends one request on a new connection.
func (t *target) once() (*answer, error) {
	deadline := time.Now().Add(t.timeout)
	c, err := t.dial(deadline)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	if t.connect {
		return &answer{}, nil
	}
	return t.request(c, deadline, true)
}

// phase names a failure, so that equal failures can be counted: "connect:refused", "receive:reset".
func phase(name string, err error) error {
	return fmt.Errorf("%s:%s", name, kindOf(err))
}

func kindOf(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, syscall.EPIPE):
		return "broken-pipe"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no-local-port"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "other"
}

// get prints the body of one answer unchanged.
func get(arguments []string) error {
	flags := flag.NewFlagSet("get", flag.ExitOnError)
	timeout := flags.Duration("timeout", 3*time.Second, "for the whole request")
	name := flags.String("host", "", "Host header and SNI")
	authority := flags.String("ca", "", "file with the authority that must have signed the certificate; empty: it is not verified")
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
	user := http.Client{Timeout: *timeout, Transport: &http.Transport{TLSClientConfig: encrypt}}
	response, err := user.Do(request)
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

// bound ends a measurement: after a time, on a signal, or when a file appears.
type bound struct {
	duration  time.Duration
	untilFile string
}

func (b *bound) flags(set *flag.FlagSet) {
	set.DurationVar(&b.duration, "duration", 10*time.Second, "longest run")
	set.StringVar(&b.untilFile, "until-file", "", "end when this file appears")
}

func (b *bound) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), b.duration)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	if b.untilFile != "" {
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(b.untilFile); err == nil {
					cancel()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	return ctx, func() { stop(); cancel() }
}

// tally counts by name. Goroutines may share it.
type tally struct {
	mutex  sync.Mutex
	counts map[string]int
}

func (t *tally) add(name string) {
	if name == "" {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	t.counts[name]++
}

func (t *tally) sum() int {
	total := 0
	for _, count := range t.counts {
		total += count
	}
	return total
}

func (t *tally) copy() map[string]int {
	copied := map[string]int{}
	for name, count := range t.counts {
		copied[name] = count
	}
	return copied
}

// unix returns seconds since the epoch, as scenarios write times.
func unix(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
