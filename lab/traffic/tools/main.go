// labtool has the lab's own tools: a backend, loads, probes, keys.
// It is one static binary, so that it runs in an image with nothing else in it.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

type command struct {
	run   func(arguments []string) error
	about string
}

var commands = map[string]command{
	"backend":  {backend, "serve HTTP, TLS and a readiness port; answers name the client"},
	"load":     {load, "send requests from many workers; count what fails and how"},
	"probe":    {probe, "try a connection every few milliseconds; record each outage"},
	"vips":     {vips, "watch which machines hold an address"},
	"hold":     {hold, "open connections, leave them alone, use them again; also WebSockets"},
	"streams":  {streams, "open connections of several kinds, use them until the end, and check every byte"},
	"abuse":    {abuse, "open connections that say nothing or half a handshake, or send garbage and huge headers"},
	"synflood": {synflood, "send SYN packets from addresses that no machine has"},
	"grpc":     {callGRPC, "call the backend by gRPC: one answer, and a stream of them"},
	"download": {download, "read a long answer and check every byte"},
	"get":      {get, "one HTTP request"},
	"certs":    {certs, "write a certificate authority and the certificates of a list"},
	"pause":    {pause, "hold a pod's namespaces"},
}

func main() {
	if len(os.Args) > 1 {
		if found, ok := commands[os.Args[1]]; ok {
			if err := found.run(os.Args[2:]); err != nil {
				fmt.Fprintf(os.Stderr, "labtool %s: %v\n", os.Args[1], err)
				os.Exit(1)
			}
			return
		}
	}
	fmt.Fprint(os.Stderr, usage(commands))
	os.Exit(2)
}

// usage lists commands by name.
func usage(commands map[string]command) string {
	var text strings.Builder
	text.WriteString("usage: labtool COMMAND [flags]\n")
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		fmt.Fprintf(&text, "  %-8s %s\n", name, commands[name].about)
	}
	return text.String()
}

// printJSON prints the report of a command.
func printJSON(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}
