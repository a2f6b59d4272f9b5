package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
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
	readBuffer int    // bytes; 0: the kernel's choice
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

// parse reads the flags. It fails if there is no --target.
func (t *target) parse(set *flag.FlagSet, arguments []string) error {
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if t.address == "" {
		return errors.New("expected --target HOST:PORT")
	}
	return nil
}

// client is one connection, used for one request or for many. net/http would hide which step failed, and would try again.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
}

// dial connects; the error begins with the phase that failed.
func (t *target) dial(deadline time.Time) (*client, error) {
	dialer := net.Dialer{Deadline: deadline, KeepAlive: -1}
	if t.readBuffer > 0 {
		dialer.Control = func(_, _ string, conn syscall.RawConn) error {
			return conn.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, t.readBuffer) })
		}
	}
	if t.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(t.from)}
	}
	conn, err := dialer.Dial("tcp", t.address)
	if err != nil {
		return nil, phase("connect", err)
	}
	_ = conn.SetDeadline(deadline)
	if t.forged != "" {
		if err := forge(t.forged, conn); err != nil {
			conn.Close()
			return nil, phase("send", err)
		}
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
	read := &answer{}
	_ = json.Unmarshal(body, read) // ignored: another server's answer is not JSON, but it is an answer
	return read, nil
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
