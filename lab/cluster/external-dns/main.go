// external-dns-once runs external-dns' own sources, plan and in-memory provider once, and prints the records as JSON.
// Its arguments are those of external-dns. Its own main program also has the providers of some forty clouds.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"sigs.k8s.io/external-dns/endpoint"
	"sigs.k8s.io/external-dns/pkg/apis/externaldns"
	"sigs.k8s.io/external-dns/plan"
	"sigs.k8s.io/external-dns/provider/inmemory"
	"sigs.k8s.io/external-dns/source"
	"sigs.k8s.io/external-dns/source/annotations"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	config := externaldns.NewConfig()
	if err := config.ParseFlags(os.Args[1:]); err != nil {
		return err
	}
	annotations.SetAnnotationPrefix(config.AnnotationPrefix)
	sourceConfig, err := source.NewSourceConfig(config)
	if err != nil {
		return err
	}
	sources, err := source.ByNames(ctx, sourceConfig, sourceConfig.ClientGenerator())
	if err != nil {
		return err
	}
	var wanted []*endpoint.Endpoint
	for _, one := range sources {
		endpoints, err := one.Endpoints(ctx)
		if err != nil {
			return err
		}
		wanted = append(wanted, endpoints...)
	}
	provider := inmemory.NewInMemoryProvider(inmemory.InMemoryInitZones(config.InMemoryZones))
	changes := (&plan.Plan{Desired: wanted, Policies: []plan.Policy{&plan.SyncPolicy{}}, ManagedRecords: []string{"A", "AAAA", "CNAME"}}).Calculate().Changes
	if err := provider.ApplyChanges(ctx, changes); err != nil {
		return err
	}
	records, err := provider.Records(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(records)
}
