package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// holdersChange names the machines that held the address from a moment on.
type holdersChange struct {
	At      float64  `json:"at"` // seconds since the epoch
	Holders []string `json:"holders"`
}

type vipsReport struct {
	Started     float64         `json:"started"`
	Seconds     float64         `json:"seconds"`
	Changes     []holdersChange `json:"changes"`
	LongestTwo  float64         `json:"longestTwoHoldersSeconds"`
	LongestNone float64         `json:"longestNoHolderSeconds"`
	WorstStepMs float64         `json:"worstStepMs"`
}

// vips checks every few milliseconds which of several network namespaces have the address.
func vips(arguments []string) error {
	flags := flag.NewFlagSet("vips", flag.ExitOnError)
	address := flags.String("address", "", "the address to look for")
	prefix := flags.String("prefix", "", "of the namespaces' names in /run/netns")
	names := flags.String("machines", "", "comma-separated; with the prefix they name namespaces")
	every := flags.Duration("interval", 5*time.Millisecond, "between two checks")
	var until bound
	until.flags(flags)
	_ = flags.Parse(arguments)
	wanted := net.ParseIP(*address)
	if wanted == nil {
		return fmt.Errorf("invalid --address %q; expected an IP address", *address)
	}
	ctx, cancel := until.context()
	defer cancel()
	machines := splitList(*names)
	watchers := make([]*watcher, len(machines))
	for i, machine := range machines {
		watchers[i] = &watcher{ask: make(chan struct{}), told: make(chan bool)}
		if err := watchers[i].enter(*prefix+machine, wanted); err != nil {
			return err
		}
	}
	watch := &holderWatch{report: vipsReport{Started: epochSeconds(time.Now())}, since: time.Now(), seen: time.Now()}
	ticks := time.NewTicker(*every)
	defer ticks.Stop()
	for ctx.Err() == nil {
		watch.note(time.Now(), holdersOf(machines, watchers))
		select {
		case <-ticks.C:
		case <-ctx.Done():
		}
	}
	return printJSON(watch.finish(time.Now()))
}

func holdersOf(machines []string, watchers []*watcher) []string {
	holders := []string{}
	var all sync.WaitGroup
	held := make([]bool, len(watchers))
	for i, one := range watchers {
		all.Add(1)
		go func() {
			defer all.Done()
			one.ask <- struct{}{}
			held[i] = <-one.told
		}()
	}
	all.Wait()
	for i, has := range held {
		if has {
			holders = append(holders, machines[i])
		}
	}
	return holders
}

// watcher asks a thread that is in one network namespace.
type watcher struct {
	ask  chan struct{}
	told chan bool
}

func (l *watcher) enter(namespace string, wanted net.IP) error {
	entered := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
		file, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			file.Close()
		}
		entered <- err
		for range l.ask {
			interfaces, _ := net.Interfaces()
			l.told <- slices.ContainsFunc(interfaces, func(one net.Interface) bool { return holds(one, wanted) })
		}
	}()
	return <-entered
}

// A seamless hand-over has the address on the loopback interface of each node.
func holds(one net.Interface, wanted net.IP) bool {
	if one.Flags&net.FlagLoopback != 0 {
		return false
	}
	addresses, _ := one.Addrs()
	return slices.ContainsFunc(addresses, func(found net.Addr) bool {
		network, ok := found.(*net.IPNet)
		return ok && network.IP.Equal(wanted)
	})
}

// holderWatch records changes of the holders.
type holderWatch struct {
	report      vipsReport
	now         []string
	since, seen time.Time
}

func (w *holderWatch) note(at time.Time, holders []string) {
	w.report.WorstStepMs = max(w.report.WorstStepMs, at.Sub(w.seen).Seconds()*1000)
	w.seen = at
	if w.now == nil || !slices.Equal(w.now, holders) {
		w.end(at)
		w.now, w.since = holders, at
		w.report.Changes = append(w.report.Changes, holdersChange{epochSeconds(at), holders})
	}
}

func (w *holderWatch) end(at time.Time) {
	lasted := at.Sub(w.since).Seconds()
	if len(w.now) > 1 {
		w.report.LongestTwo = max(w.report.LongestTwo, lasted)
	}
	if w.now != nil && len(w.now) == 0 {
		w.report.LongestNone = max(w.report.LongestNone, lasted)
	}
}

func (w *holderWatch) finish(at time.Time) vipsReport {
	w.end(at)
	w.report.Seconds = epochSeconds(at) - w.report.Started
	return w.report
}
