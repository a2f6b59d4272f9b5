// wire is the load of the traffic benchmarks: a server and clients that need less CPU time than the proxy between them.
// One thread, epoll and plain system calls: on a machine with two cores, Go's net package would be the bottleneck.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var commands = map[string]func(arguments []string) error{
	"serve": serve, // HTTP, and a gateway's readiness
	"drive": drive, // requests, connections, a transfer
	"pair":  pair,  // transfers on two connections in turns
	"crowd": crowd, // more connections than a proxy may have
	"echo":  echo,  // UDP answers, from an address that may not be there yet
	"gaps":  gaps,  // UDP questions: the longest time without an answer
}

func main() {
	if len(os.Args) > 1 {
		if run, ok := commands[os.Args[1]]; ok {
			if err := run(os.Args[2:]); err != nil {
				fmt.Fprintf(os.Stderr, "wire %s: %v\n", os.Args[1], err)
				os.Exit(1)
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: wire serve|drive|pair|crowd|echo|gaps [flags]")
	os.Exit(2)
}

// printJSON prints the report of a command.
func printJSON(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}
