package main

import (
	"fmt"
	"io"
	"net"
)

// forgedClient is the client's address in a forged PROXY header. No machine of the lab has it.
const forgedClient = "203.0.113.77"

// forge sends a PROXY header before everything else, as a client with a false address would.
func forge(version string, conn net.Conn) error {
	port := conn.RemoteAddr().(*net.TCPAddr).Port
	switch version {
	case "":
		return nil
	case "v1":
		_, err := fmt.Fprintf(conn, "PROXY TCP4 %s 192.0.2.100 12345 %d\r\n", forgedClient, port)
		return err
	case "v2":
		header := append([]byte(signatureV2), 0x21, 0x11, 0, 12)
		header = append(header, net.ParseIP(forgedClient).To4()...)
		header = append(header, 192, 0, 2, 100, 0x30, 0x39, byte(port>>8), byte(port))
		_, err := io.WriteString(conn, string(header))
		return err
	}
	return fmt.Errorf("invalid --forge %q; expected v1 or v2", version)
}
