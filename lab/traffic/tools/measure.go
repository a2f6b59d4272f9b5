package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// bound ends a measurement: after a time, on a signal, or when a file appears.
type bound struct {
	duration  time.Duration
	untilFile string
}

func (b *bound) flags(set *flag.FlagSet) {
	set.DurationVar(&b.duration, "duration", 10*time.Second, "longest run")
	set.StringVar(&b.untilFile, "until-file", "", "end when this file appears")
}

func (b *bound) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), b.duration)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	if b.untilFile != "" {
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(b.untilFile); err == nil {
					cancel()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	return ctx, func() { stop(); cancel() }
}

// tally counts by name. Goroutines may share it.
type tally struct {
	mutex  sync.Mutex
	counts map[string]int
}

func (t *tally) add(name string) {
	if name == "" {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	t.counts[name]++
}

func (t *tally) sum() int {
	total := 0
	for _, count := range t.counts {
		total += count
	}
	return total
}

func (t *tally) copy() map[string]int {
	copied := map[string]int{}
	for name, count := range t.counts {
		copied[name] = count
	}
	return copied
}

// epochSeconds returns seconds since the epoch, as scenarios write times.
func epochSeconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
