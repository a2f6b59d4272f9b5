package main

import (
	"io"
	"net"
	"testing"
)

const v2IPv4 = signatureV2 + "\x21\x11\x00\x0c" + "\xc0\x00\x02\x07" + "\xc0\x00\x02\x64" + "\x30\x39\x01\xbb"

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, sent, client, version, rest string
		required, fails                   bool
	}{
		{name: "none", sent: "GET / HTTP/1.1\r\n", client: "pipe", rest: "GET / HTTP/1.1\r\n"},
		{name: "a method that begins like one", sent: "POST / HTTP/1.1\r\n", client: "pipe", rest: "POST / HTTP/1.1\r\n"},
		{name: "none, but required", sent: "GET / HTTP/1.1\r\n", required: true, fails: true},
		{name: "v1", sent: "PROXY TCP4 192.0.2.7 192.0.2.100 12345 443\r\nrest", client: "192.0.2.7:12345", version: "v1", rest: "rest"},
		{name: "v1 IPv6", sent: "PROXY TCP6 2001:db8::7 2001:db8::64 12345 443\r\nrest", client: "[2001:db8::7]:12345", version: "v1", rest: "rest"},
		{name: "v1 unknown", sent: "PROXY UNKNOWN\r\nrest", client: "pipe", version: "v1", rest: "rest"},
		{name: "v1 cut short", sent: "PROXY TCP4 192.0.2.7\r\nrest", fails: true},
		{name: "v2", sent: v2IPv4 + "rest", client: "192.0.2.7:12345", version: "v2", rest: "rest"},
		{name: "v2 local", sent: signatureV2 + "\x20\x00\x00\x00rest", client: "pipe", version: "v2", rest: "rest"},
		{name: "v2 too short", sent: signatureV2 + "\x21\x11\x00\x04\x00\x00\x00\x00rest", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			near, far := net.Pipe()
			go func() {
				io.WriteString(near, c.sent)
				near.Close()
			}()
			named, err := readHeader(far, c.required)
			if (err != nil) != c.fails {
				t.Fatalf("error %v", err)
			}
			if c.fails {
				return
			}
			rest, _ := io.ReadAll(named)
			if named.RemoteAddr().String() != c.client || named.version != c.version || string(rest) != c.rest {
				t.Errorf("client %s, version %q, rest %q", named.RemoteAddr(), named.version, rest)
			}
		})
	}
}

func TestForgedHeadersAreWellFormed(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		server, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		client, err := net.Dial("tcp", server.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := forge(version, client); err != nil {
			t.Fatal(err)
		}
		client.Close()
		conn, _ := server.Accept()
		named, err := readHeader(conn, true)
		if err != nil || named.RemoteAddr().String() != forgedClient+":12345" || named.version != version {
			t.Errorf("%s: %v, %v", version, named, err)
		}
	}
}
