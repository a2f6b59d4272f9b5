// acmesolver is cert-manager's program that answers one HTTP-01 challenge. Its own main package is in a module that no proxy has.
package main

import (
	"flag"
	"os"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	"github.com/cert-manager/cert-manager/pkg/logs"
)

func main() {
	var challenge solver.HTTP01Solver
	flag.IntVar(&challenge.ListenPort, "listen-port", 8089, "port for requests")
	flag.StringVar(&challenge.Domain, "domain", "", "name to validate")
	flag.StringVar(&challenge.Token, "token", "", "last part of the path")
	flag.StringVar(&challenge.Key, "key", "", "the answer")
	flag.Parse()
	if err := challenge.Listen(logs.Log); err != nil {
		logs.Log.Error(err, "cannot serve")
		os.Exit(1)
	}
}
