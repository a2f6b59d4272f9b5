package main

import (
	"flag"
	"slices"
	"sync"
	"time"
)

// outage lasts from the start of the first bad probe to the end of the first good one that started after the last bad one.
type outage struct {
	At      float64        `json:"at"` // seconds since the epoch
	Seconds float64        `json:"seconds"`
	Bad     int            `json:"bad"`
	By      map[string]int `json:"by"`
	Open    bool           `json:"open"` // had not ended when the probe ended: seconds is a lower bound
}

type probeReport struct {
	Started     float64        `json:"started"`
	Seconds     float64        `json:"seconds"`
	Probes      int            `json:"probes"`
	Bad         int            `json:"bad"`
	Outages     []outage       `json:"outages"`
	LongestS    float64        `json:"longestOutageSeconds"`
	Pods        map[string]int `json:"pods"`        // answers per pod
	WorstStepMs float64        `json:"worstStepMs"` // longest time between two probes; long if the machine is busy
	SlowestMs   float64        `json:"slowestGoodMs"`
}

type shot struct {
	begun, ended time.Time
	pod          string
	err          error
}

// probe starts a request every few milliseconds, even while earlier ones are still running.
func probe(arguments []string) error {
	flags := flag.NewFlagSet("probe", flag.ExitOnError)
	var aim target
	aim.flags(flags, 500*time.Millisecond)
	var until bound
	until.flags(flags)
	every := flags.Duration("interval", 5*time.Millisecond, "between two starts")
	merge := flags.Duration("merge", 200*time.Millisecond, "bad probes with less than this of good ones between them are one outage")
	if err := aim.parse(flags, arguments); err != nil {
		return err
	}
	ctx, cancel := until.context()
	defer cancel()
	var mutex sync.Mutex
	var all sync.WaitGroup
	var shots []shot
	started := time.Now()
	ticks := time.NewTicker(*every)
	defer ticks.Stop()
	for ctx.Err() == nil {
		all.Add(1)
		go func() {
			defer all.Done()
			taken := shot{begun: time.Now()}
			reply, err := aim.once()
			taken.ended, taken.err = time.Now(), err
			if err == nil {
				taken.pod = reply.Pod
			}
			mutex.Lock()
			defer mutex.Unlock()
			shots = append(shots, taken)
		}()
		select {
		case <-ticks.C:
		case <-ctx.Done():
		}
	}
	all.Wait()
	return printJSON(judge(started, shots, *merge))
}

func judge(started time.Time, shots []shot, merge time.Duration) probeReport {
	slices.SortFunc(shots, func(a, b shot) int { return a.begun.Compare(b.begun) })
	found := probeReport{
		Started: epochSeconds(started), Seconds: time.Since(started).Seconds(),
		Probes: len(shots), Outages: []outage{}, Pods: map[string]int{},
	}
	for i, taken := range shots {
		if i > 0 {
			found.WorstStepMs = max(found.WorstStepMs, taken.begun.Sub(shots[i-1].begun).Seconds()*1000)
		}
		if taken.err != nil {
			found.Bad++
			continue
		}
		found.SlowestMs = max(found.SlowestMs, taken.ended.Sub(taken.begun).Seconds()*1000)
		found.Pods[taken.pod]++
	}
	for first := 0; first < len(shots); {
		if shots[first].err == nil {
			first++
			continue
		}
		next, seen := follow(shots, first, merge)
		found.Outages = append(found.Outages, seen)
		found.LongestS = max(found.LongestS, seen.Seconds)
		first = next
	}
	return found
}

// follow reads the outage that begins at first. It returns where the search for the next one continues.
func follow(shots []shot, first int, merge time.Duration) (int, outage) {
	seen := outage{At: epochSeconds(shots[first].begun), By: map[string]int{}}
	last := first
	for i := first; i < len(shots) && shots[i].begun.Sub(shots[last].begun) <= merge; i++ {
		if shots[i].err != nil {
			last = i
			seen.Bad++
			seen.By[shots[i].err.Error()]++
		}
	}
	// the outage ends with the first good probe that began after the last bad one
	end := shots[last].ended
	seen.Open = last+1 >= len(shots)
	if !seen.Open {
		end = shots[last+1].ended
	}
	seen.Seconds = end.Sub(shots[first].begun).Seconds()
	return last + 1, seen
}
