package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// streamsReport is what `labtool streams` prints. Kinds are those of streamKinds.
type streamsReport struct {
	Opened         map[string]int     `json:"opened"`         // connections that were answered, by kind
	NotOpened      map[string]int     `json:"notOpened"`      // by kind and reason
	Broken         map[string]int     `json:"broken"`         // opened ones that broke or carried a wrong byte, by kind and reason
	BrokenPeers    map[string]int     `json:"brokenPeers"`    // these, by the address of the backend's peer
	BrokenAt       map[string]int     `json:"brokenAt"`       // second since the epoch → how many broke
	Peers          map[string]int     `json:"peers"`          // opened ones, by the address of the backend's peer
	LongestStallMs map[string]float64 `json:"longestStallMs"` // longest time that a message, a byte or a block was late, by kind
	Bytes          int64              `json:"bytes"`          // received and as expected
}

type streamsRun struct {
	target target
	pause  time.Duration
	ctx    context.Context

	opened, notOpened, broken, brokenPeers, brokenAt, peers tally
	bytes                                                   atomic.Int64

	mutex  sync.Mutex
	stalls map[string]time.Duration
}

// openStream is a connection that was answered once.
type openStream struct {
	peer  string
	carry func() error // uses the connection until the run ends; returns what broke it
	close func()
}

// streams opens connections of several kinds, uses all of them at the same time, and checks every byte that comes back.
func streams(arguments []string) error {
	flags := flag.NewFlagSet("streams", flag.ExitOnError)
	run := newStreamsRun()
	run.target.flags(flags, 10*time.Second)
	var until bound
	until.flags(flags)
	wanted := flags.String("connections", "idle=1", "how many of each kind: idle, trickle, download, upload, websocket, grpc")
	flags.DurationVar(&run.pause, "pause", time.Second, "between two messages of a WebSocket or of gRPC, between two bytes of a trickle, and, halved, between two blocks of 64 KiB")
	openedFile := flags.String("opened-file", "", "make this file when every connection is open, or has failed")
	if err := run.target.parse(flags, arguments); err != nil {
		return err
	}
	counts, err := countsOf(*wanted)
	if err != nil {
		return err
	}
	ctx, cancel := until.context()
	defer cancel()
	run.ctx = ctx
	run.all(counts, func() {
		if *openedFile != "" {
			_ = os.WriteFile(*openedFile, nil, 0o600)
		}
	})
	return printJSON(run.report())
}

func newStreamsRun() *streamsRun {
	return &streamsRun{stalls: map[string]time.Duration{}, pause: time.Second, ctx: context.Background()}
}

// countsOf reads "idle=100,trickle=10".
func countsOf(text string) (map[string]int, error) {
	counts := map[string]int{}
	for _, part := range splitList(text) {
		kind, number, _ := strings.Cut(part, "=")
		count, err := strconv.Atoi(number)
		if _, known := streamKinds[kind]; !known || err != nil {
			return nil, fmt.Errorf("invalid --connections %q; expected KIND=NUMBER,… with the kinds %s", part, strings.Join(slices.Sorted(maps.Keys(streamKinds)), ", "))
		}
		counts[kind] = count
	}
	return counts, nil
}

// all runs every connection to its end, and calls opened once, when all have been tried.
func (r *streamsRun) all(counts map[string]int, opened func()) {
	var opening, ended sync.WaitGroup
	places := make(chan struct{}, openAtOnce)
	for kind, count := range counts {
		opening.Add(count)
		ended.Add(count)
		for range count {
			go func() {
				defer ended.Done()
				r.one(kind, &opening, places)
			}()
		}
	}
	opening.Wait()
	opened()
	ended.Wait()
}

func (r *streamsRun) one(kind string, opening *sync.WaitGroup, places chan struct{}) {
	places <- struct{}{}
	stream, err := streamKinds[kind](r)
	<-places
	opening.Done()
	if err != nil {
		r.notOpened.add(kind + " " + err.Error())
		return
	}
	defer stream.close()
	r.opened.add(kind)
	r.peers.add(stream.peer)
	if err := stream.carry(); err != nil {
		r.broken.add(kind + " " + err.Error())
		r.brokenPeers.add(stream.peer)
		r.brokenAt.add(strconv.FormatInt(time.Now().Unix(), 10))
	}
}

// rest waits for a time. It returns false when the run ends.
func (r *streamsRun) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-r.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// got notes correct bytes, and how late they came.
func (r *streamsRun) got(kind string, bytes int, late time.Duration) {
	r.bytes.Add(int64(bytes))
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.stalls[kind] = max(r.stalls[kind], late)
}

func (r *streamsRun) report() streamsReport {
	stalls := map[string]float64{}
	for kind, longest := range r.stalls {
		stalls[kind] = longest.Seconds() * 1000
	}
	return streamsReport{
		Opened: r.opened.copy(), NotOpened: r.notOpened.copy(), Broken: r.broken.copy(), BrokenPeers: r.brokenPeers.copy(),
		BrokenAt: r.brokenAt.copy(), Peers: r.peers.copy(), LongestStallMs: stalls, Bytes: r.bytes.Load(),
	}
}
