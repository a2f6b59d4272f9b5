package main

import (
	"io"
	"net"
	"testing"

	proxyproto "github.com/pires/go-proxyproto"
)

const (
	signatureV2 = "\r\n\r\n\x00\r\nQUIT\n"
	v2IPv4      = signatureV2 + "\x21\x11\x00\x0c" + "\xc0\x00\x02\x07" + "\xc0\x00\x02\x64" + "\x30\x39\x01\xbb"
)

// receive accepts one connection from a peer that sends some bytes. It returns the bytes after the header.
func receive(t *testing.T, policy proxyproto.Policy, send func(net.Conn) error) (*proxyproto.Conn, string, error) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := readHeaders(inner, policy)
	t.Cleanup(func() { listener.Close() })
	peer, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := send(peer); err != nil {
		t.Fatal(err)
	}
	peer.(*net.TCPConn).CloseWrite()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(conn)
	return conn.(*proxyproto.Conn), string(rest), err
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, sent, client, version, rest string // without client: the peer's own address
		required, fails                   bool
	}{
		{name: "none", sent: "GET / HTTP/1.1\r\n", rest: "GET / HTTP/1.1\r\n"},
		{name: "a method that begins like one", sent: "POST / HTTP/1.1\r\n", rest: "POST / HTTP/1.1\r\n"},
		{name: "none, but required", sent: "GET / HTTP/1.1\r\n", required: true, fails: true},
		{name: "v1", sent: "PROXY TCP4 192.0.2.7 192.0.2.100 12345 443\r\nrest", client: "192.0.2.7:12345", version: "v1", rest: "rest"},
		{name: "v1 IPv6", sent: "PROXY TCP6 2001:db8::7 2001:db8::64 12345 443\r\nrest", client: "[2001:db8::7]:12345", version: "v1", rest: "rest"},
		{name: "v1 unknown", sent: "PROXY UNKNOWN\r\nrest", version: "v1", rest: "rest"},
		{name: "v1 cut short", sent: "PROXY TCP4 192.0.2.7\r\nrest", fails: true},
		{name: "v2", sent: v2IPv4 + "rest", client: "192.0.2.7:12345", version: "v2", rest: "rest"},
		{name: "v2 local", sent: signatureV2 + "\x20\x00\x00\x00rest", version: "v2", rest: "rest"},
		{name: "v2 too short", sent: signatureV2 + "\x21\x11\x00\x04\x00\x00\x00\x00rest", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy := headerPolicies[map[bool]string{true: "required", false: "optional"}[c.required]]
			conn, rest, err := receive(t, policy, func(peer net.Conn) error {
				_, err := io.WriteString(peer, c.sent)
				return err
			})
			if (err != nil) != c.fails {
				t.Fatalf("error %v", err)
			}
			if c.fails {
				return
			}
			client := c.client
			if client == "" {
				client = conn.Raw().RemoteAddr().String()
			}
			if conn.RemoteAddr().String() != client || headerVersion(conn) != c.version || rest != c.rest {
				t.Errorf("client %s, version %q, rest %q", conn.RemoteAddr(), headerVersion(conn), rest)
			}
		})
	}
}

func TestForgedHeadersAreWellFormed(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		conn, _, err := receive(t, proxyproto.REQUIRE, func(peer net.Conn) error { return forge(version, peer) })
		if err != nil || conn.RemoteAddr().String() != forgedClient+":12345" || headerVersion(conn) != version {
			t.Errorf("%s: %s, %s, %v", version, conn.RemoteAddr(), headerVersion(conn), err)
		}
	}
}
