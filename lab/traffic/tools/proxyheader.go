package main

import (
	"fmt"
	"net"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
)

// headerTimeout bounds how long a peer may take to send its PROXY header.
const headerTimeout = 5 * time.Second

// headerPolicies are the values of --proxy-protocol, besides "off".
var headerPolicies = map[string]proxyproto.Policy{"optional": proxyproto.USE, "required": proxyproto.REQUIRE}

// readHeaders returns a listener whose connections have the client's address of their PROXY header.
func readHeaders(listener net.Listener, policy proxyproto.Policy) net.Listener {
	return &proxyproto.Listener{
		Listener:          listener,
		ReadHeaderTimeout: headerTimeout,
		ConnPolicy:        func(proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) { return policy, nil },
	}
}

// headerVersion returns v1 or v2, or nothing if the connection had no PROXY header.
func headerVersion(conn *proxyproto.Conn) string {
	header := conn.ProxyHeader()
	if header == nil {
		return ""
	}
	return fmt.Sprintf("v%d", header.Version)
}

// forgedClient is the client's address in a forged PROXY header. No machine of the lab has it.
const forgedClient = "203.0.113.77"

// forge sends a PROXY header before everything else, as a client with a false address would.
func forge(version string, conn net.Conn) error {
	number, ok := map[string]byte{"v1": 1, "v2": 2}[version]
	if !ok {
		return fmt.Errorf("invalid --forge %q; expected v1 or v2", version)
	}
	source := &net.TCPAddr{IP: net.ParseIP(forgedClient), Port: 12345}
	destination := &net.TCPAddr{IP: net.ParseIP("192.0.2.100"), Port: conn.RemoteAddr().(*net.TCPAddr).Port}
	_, err := proxyproto.HeaderProxyFromAddrs(number, source, destination).WriteTo(conn)
	return err
}
