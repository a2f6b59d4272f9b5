package main

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
	"unsafe"
)

// driveReport is what `wire drive` prints.
type driveReport struct {
	Seconds     float64            `json:"seconds"`
	Requests    int                `json:"requests"`
	Answered    int                `json:"answered"`   // includes the warm-up, because the proxy's CPU time includes it
	CPUSeconds  float64            `json:"cpuSeconds"` // of this process, for what was answered
	Bytes       int64              `json:"bytes"`
	Connections int                `json:"connections"` // opened during the measurement
	Failed      map[string]int     `json:"failed"`
	LatencyUs   map[string]float64 `json:"latencyUs"`
	Late        int                `json:"late"` // with a rate: requests that found every connection busy
}

// conn is one connection: what it waits for, and since when.
type conn struct {
	fd         int
	connecting bool
	busy       bool
	begun      time.Time
	left       int64 // bytes of the answer still to come; -1 before its head
}

type driver struct {
	to       *syscall.SockaddrInet4
	request  []byte
	fresh    bool
	answered int
	inFlight int
	poll     *poller
	buffer   []byte
	conns    map[int]*conn
	idle     []*conn // a queue, so that every open connection is used in turn
	running  int
	waiting  []time.Time // with a rate: due times of the requests that found every connection busy
	measures bool
	report   driveReport
	samples  []float64
}

// drive keeps a number of connections open and a number of requests in flight, for a time or until a count; or it sends requests at a rate.
func drive(arguments []string) error {
	runtime.LockOSThread()
	flags := flag.NewFlagSet("drive", flag.ExitOnError)
	target := flags.String("target", "", "IPv4:port")
	connections := flags.Int("connections", 64, "open at the same time")
	inFlight := flags.Int("in-flight", 0, "requests at the same time; 0: one a connection")
	size := flags.Int64("bytes", 128, "of an answer")
	rate := flags.Float64("rate", 0, "requests a second, whether answered or not; 0: as fast as they are answered")
	count := flags.Int("count", 0, "end after so many; 0: when the time is over")
	duration := flags.Duration("duration", time.Second, "longest run")
	warm := flags.Duration("warm-up", 0, "not counted")
	hold := flags.Duration("hold", 0, "how long connections stay open afterwards")
	fresh := flags.Bool("fresh", false, "a connection for each request")
	_ = flags.Parse(arguments)
	raiseFileLimit()
	to, err := parse(*target)
	if err != nil {
		return err
	}
	poll, err := newPoller()
	if err != nil {
		return err
	}
	d := &driver{
		to: to, fresh: *fresh, poll: poll, buffer: make([]byte, 1<<20), conns: map[int]*conn{},
		request:  requestFor(*size),
		inFlight: *inFlight, report: driveReport{Failed: map[string]int{}},
	}
	if d.inFlight == 0 || d.inFlight > *connections {
		d.inFlight = *connections
	}
	if err := d.open(*connections); err != nil {
		return err
	}
	if !*fresh {
		asked := d.request
		d.request = requestFor(2)
		d.run(30*time.Second, *connections, 0) // one request on each, because only then have proxies accepted and connected them all
		d.request, d.answered = asked, 0
	}
	before := cpuSeconds()
	if *warm > 0 {
		d.run(*warm, 0, *rate)
	}
	d.measures = true
	d.run(*duration, *count, *rate)
	d.report.LatencyUs, d.report.Answered, d.report.CPUSeconds = percentiles(d.samples), d.answered, cpuSeconds()-before
	time.Sleep(*hold)
	return printJSON(d.report)
}

// open opens all connections before the measurement, a hundred at a time, so that a proxy's backlog can take them.
func (d *driver) open(connections int) error {
	if d.fresh {
		return nil
	}
	deadline := time.Now().Add(30 * time.Second)
	for opened := 0; len(d.idle) < connections; {
		for opened < connections && opened-len(d.idle) < 100 {
			if err := d.connect(); err != nil {
				return err
			}
			opened++
		}
		for _, event := range d.poll.wait(100) {
			d.handle(int(event.Fd), event.Events, time.Now())
		}
		if len(d.report.Failed) > 0 || time.Now().After(deadline) {
			return fmt.Errorf("%d of %d connections opened; failed: %v", len(d.idle), connections, d.report.Failed)
		}
	}
	return nil
}

func (d *driver) run(duration time.Duration, count int, rate float64) {
	d.report = driveReport{Failed: map[string]int{}}
	d.samples = d.samples[:0]
	timer := -1
	paced := rate > 0
	if paced {
		timer = newTimer(rate)
		_ = d.poll.add(timer, syscall.EPOLLIN)
	}
	begun := time.Now()
	due := 0
	for now := begun; now.Sub(begun) < duration && (count == 0 || d.report.Requests < count); now = time.Now() {
		if !paced {
			d.fill(now)
		}
		for _, event := range d.poll.wait(50) {
			if int(event.Fd) == timer {
				due = d.tick(timer, begun, due, rate)
			} else {
				d.handle(int(event.Fd), event.Events, now)
			}
		}
	}
	d.report.Seconds = time.Since(begun).Seconds()
	if timer >= 0 {
		syscall.Close(timer)
	}
}

// fill sends requests up to the limit of requests in flight.
func (d *driver) fill(now time.Time) {
	for d.running < d.inFlight {
		if d.fresh {
			if err := d.connect(); err != nil {
				d.failed(err)
				return
			}
			d.running++
			continue
		}
		if len(d.idle) == 0 {
			return
		}
		d.send(d.next(), now)
	}
}

// tick sends the requests that have become due. Latency counts from the due time, not from the time when a connection was free.
func (d *driver) tick(timer int, begun time.Time, due int, rate float64) int {
	var expired uint64
	_, _ = syscall.Read(timer, (*[8]byte)(unsafe.Pointer(&expired))[:])
	for range expired {
		at := begun.Add(time.Duration(float64(due+1) / rate * float64(time.Second)))
		due++
		if len(d.idle) == 0 {
			d.report.Late++
			d.waiting = append(d.waiting, at)
			continue
		}
		d.send(d.next(), at)
	}
	return due
}

func (d *driver) next() *conn {
	c := d.idle[0]
	d.idle = d.idle[1:]
	return c
}

func percentiles(samples []float64) map[string]float64 {
	found := map[string]float64{}
	slices.Sort(samples)
	for name, share := range map[string]float64{"p50": .5, "p90": .9, "p99": .99, "max": 1} {
		if len(samples) > 0 {
			found[name] = samples[min(int(share*float64(len(samples))), len(samples)-1)]
		}
	}
	return found
}

// cpuSeconds is what this process has used, with the kernel's work for it.
func cpuSeconds() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// newTimer returns a timer that expires a number of times a second; package syscall has no names for this.
func newTimer(rate float64) int {
	const timerfdCreate, timerfdSettime, monotonic, nonblock = 283, 286, 1, 0x800
	fd, _, _ := syscall.Syscall(timerfdCreate, monotonic, nonblock, 0)
	interval := syscall.NsecToTimespec(int64(1e9 / rate))
	setting := [2]syscall.Timespec{interval, interval}
	_, _, _ = syscall.Syscall6(timerfdSettime, fd, 0, uintptr(unsafe.Pointer(&setting)), 0, 0, 0)
	return int(fd)
}

func pointer(text *byte) uintptr { return uintptr(unsafe.Pointer(text)) }
