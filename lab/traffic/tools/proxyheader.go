package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// headerTimeout bounds how long a peer may take to send its PROXY header.
const headerTimeout = 5 * time.Second

const signatureV2 = "\r\n\r\n\x00\r\nQUIT\n"

// namedConn is a connection with the client from its PROXY header, if it had one.
type namedConn struct {
	net.Conn
	reader  *bufio.Reader
	client  net.Addr
	version string // "v1", "v2", or empty
}

func (c *namedConn) Read(into []byte) (int, error) { return c.reader.Read(into) }

// RemoteAddr is the client in the header; Peer is the real peer.
func (c *namedConn) RemoteAddr() net.Addr { return c.client }
func (c *namedConn) Peer() net.Addr       { return c.Conn.RemoteAddr() }

// headerListener reads each PROXY header in its own goroutine, so that a silent peer does not block the others.
type headerListener struct {
	net.Listener
	required bool
	accepted chan net.Conn
	failed   chan error
}

func acceptHeaders(inner net.Listener, required bool) *headerListener {
	listener := &headerListener{Listener: inner, required: required, accepted: make(chan net.Conn), failed: make(chan error, 1)}
	go listener.run()
	return listener
}

func (l *headerListener) run() {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			l.failed <- err
			return
		}
		go func() {
			if named, err := readHeader(conn, l.required); err == nil {
				l.accepted <- named
			} else {
				conn.Close()
			}
		}()
	}
}

// Accept returns connections whose header has been read, also after the listener is closed.
func (l *headerListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case err := <-l.failed:
		return nil, err
	}
}

func readHeader(conn net.Conn, required bool) (*namedConn, error) {
	named := &namedConn{Conn: conn, reader: bufio.NewReader(conn), client: conn.RemoteAddr()}
	_ = conn.SetReadDeadline(time.Now().Add(headerTimeout))
	defer conn.SetReadDeadline(time.Time{})
	first, err := named.reader.Peek(1)
	if err != nil {
		return nil, err
	}
	// PUT and POST begin with P too, so compare the whole start
	if first[0] == 'P' {
		if start, err := named.reader.Peek(6); err == nil && string(start) == "PROXY " {
			return named, named.readV1()
		}
	}
	if first[0] == '\r' {
		if start, err := named.reader.Peek(len(signatureV2)); err == nil && string(start) == signatureV2 {
			return named, named.readV2()
		}
	}
	if required {
		return nil, fmt.Errorf("no PROXY header from %s", conn.RemoteAddr())
	}
	return named, nil
}

func (c *namedConn) readV1() error {
	line, err := c.reader.ReadString('\n')
	if err != nil {
		return err
	}
	c.version = "v1"
	fields := strings.Fields(line)
	if len(fields) == 2 && fields[1] == "UNKNOWN" {
		return nil
	}
	if len(fields) != 6 {
		return fmt.Errorf("bad PROXY v1 header %q", line)
	}
	c.client, err = net.ResolveTCPAddr("tcp", net.JoinHostPort(fields[2], fields[4]))
	return err
}

func (c *namedConn) readV2() error {
	head := make([]byte, 16)
	if _, err := io.ReadFull(c.reader, head); err != nil {
		return err
	}
	body := make([]byte, binary.BigEndian.Uint16(head[14:]))
	if _, err := io.ReadFull(c.reader, body); err != nil {
		return err
	}
	c.version = "v2"
	family := head[13] >> 4
	size := map[byte]int{1: 4, 2: 16}[family]
	if head[12]&0xf == 0 || size == 0 { // LOCAL, or a family without addresses
		return nil
	}
	if len(body) < 2*size+4 {
		return fmt.Errorf("short PROXY v2 header: %d bytes", len(body))
	}
	c.client = &net.TCPAddr{IP: net.IP(body[:size]), Port: int(binary.BigEndian.Uint16(body[2*size:]))}
	return nil
}
