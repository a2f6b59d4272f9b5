package main

import (
	"context"
	"flag"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// loadReport is what `labtool load` prints. The units are in the names.
type loadReport struct {
	Started        float64            `json:"started"` // seconds since the epoch
	Seconds        float64            `json:"seconds"`
	Requests       int                `json:"requests"`
	OK             int                `json:"ok"`
	Failed         int                `json:"failed"`
	FailedBy       map[string]int     `json:"failedBy"`
	FailedAt       map[int]int        `json:"failedAt"`    // second of the run → failures
	Connections    int                `json:"connections"` // opened ones; with --keep-alive, more than the workers means that some broke
	Pods           map[string]int     `json:"pods"`
	Clients        map[string]int     `json:"clients"`
	LatencyMs      map[string]float64 `json:"latencyMs"`
	LongestGapMs   float64            `json:"longestGapMs"` // longest time without a success
	LongestGapAt   float64            `json:"longestGapAt"` // seconds into the run
	RequestsPerSec float64            `json:"requestsPerSecond"`
}

type loadRun struct {
	target    target
	keepAlive bool
	budget    atomic.Int64
	pause     time.Duration
	started   time.Time

	failures, pods, clients tally
	connections             atomic.Int64

	mutex     sync.Mutex
	latencies []float64
	failedAt  map[int]int
	lastOK    time.Time
	gap       time.Duration
	gapAt     time.Duration
}

// load sends requests at full speed or at a given rate, and counts the results.
func load(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	run := &loadRun{failedAt: map[int]int{}}
	run.target.flags(flags, 5*time.Second)
	var until bound
	until.flags(flags)
	workers := flags.Int("workers", 16, "requests at the same time")
	count := flags.Int64("count", 0, "most requests; 0: no limit")
	rate := flags.Float64("rate", 0, "requests a second over all workers; 0: as fast as they can")
	flags.BoolVar(&run.keepAlive, "keep-alive", false, "one connection a worker, instead of one a request")
	if err := run.target.parse(flags, arguments); err != nil {
		return err
	}
	run.budget.Store(*count)
	if *count == 0 {
		run.budget.Store(1 << 60)
	}
	if *rate > 0 {
		run.pause = time.Duration(float64(*workers) / *rate * float64(time.Second))
	}
	ctx, cancel := until.context()
	defer cancel()
	run.started = time.Now()
	run.lastOK = run.started
	var all sync.WaitGroup
	for range *workers {
		all.Add(1)
		go func() {
			defer all.Done()
			run.work(ctx)
		}()
	}
	all.Wait()
	return printJSON(run.report())
}

func (r *loadRun) work(ctx context.Context) {
	var held *client
	for ctx.Err() == nil && r.budget.Add(-1) >= 0 {
		begun := time.Now()
		reply, next, err := r.exchange(held)
		held = next
		r.note(begun, reply, err)
		rest := r.pause - time.Since(begun)
		if err != nil {
			rest = max(rest, 5*time.Millisecond) // a refused connection fails at once: do not count thousands of them
		}
		if rest > 0 {
			time.Sleep(rest)
		}
	}
	if held != nil {
		held.conn.Close()
	}
}

// exchange uses the held connection or a new one. It returns the connection to hold, if any.
func (r *loadRun) exchange(held *client) (*answer, *client, error) {
	deadline := time.Now().Add(r.target.timeout)
	if held == nil {
		r.connections.Add(1)
		dialled, err := r.target.dial(deadline)
		if err != nil {
			return nil, nil, err
		}
		held = dialled
	}
	reply, err := &answer{}, error(nil)
	if !r.target.connect {
		reply, err = r.target.request(held, deadline, !r.keepAlive)
	}
	if err != nil || !r.keepAlive {
		held.conn.Close()
		held = nil
	}
	return reply, held, err
}

func (r *loadRun) note(begun time.Time, reply *answer, err error) {
	now := time.Now()
	if err != nil {
		r.failures.add(err.Error())
	} else {
		r.pods.add(reply.Pod)
		r.clients.add(reply.client())
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err != nil {
		r.failedAt[int(now.Sub(r.started).Seconds())]++
		return
	}
	r.latencies = append(r.latencies, now.Sub(begun).Seconds()*1000)
	r.closeGap(now)
}

func (r *loadRun) closeGap(now time.Time) {
	if gap := now.Sub(r.lastOK); gap > r.gap {
		r.gap, r.gapAt = gap, r.lastOK.Sub(r.started)
	}
	r.lastOK = now
}

func (r *loadRun) report() loadReport {
	now := time.Now()
	r.closeGap(now)
	slices.Sort(r.latencies)
	seconds := now.Sub(r.started).Seconds()
	ok, failed := len(r.latencies), r.failures.sum()
	return loadReport{
		Started: epochSeconds(r.started), Seconds: seconds, Requests: ok + failed, OK: ok, Failed: failed,
		FailedBy: r.failures.copy(), FailedAt: r.failedAt, Connections: int(r.connections.Load()),
		Pods: r.pods.copy(), Clients: r.clients.copy(), LatencyMs: percentiles(r.latencies),
		LongestGapMs: r.gap.Seconds() * 1000, LongestGapAt: r.gapAt.Seconds(), RequestsPerSec: float64(ok) / seconds,
	}
}

func percentiles(sorted []float64) map[string]float64 {
	found := map[string]float64{}
	if len(sorted) == 0 {
		return found
	}
	for name, share := range map[string]float64{"p50": .5, "p90": .9, "p99": .99, "p999": .999, "max": 1} {
		found[name] = sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
	}
	return found
}
