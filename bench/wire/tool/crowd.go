package main

import (
	"flag"
	"syscall"
	"time"
)

// crowdReport is what `wire crowd` prints: how many connections stayed open, and how the others were refused.
type crowdReport struct {
	Lived   int            `json:"lived"`
	Refused map[string]int `json:"refused"`
	AfterMs float64        `json:"afterMs"` // longest time from connecting to being refused
	Failed  int            `json:"failed"`  // later requests without an answer, on connections that stayed open
}

type member struct {
	begun    time.Time
	answered bool
	asked    bool
}

// crowd opens connections one by one, each with a request unless it is silent. Then it sends requests on those that stay open.
func crowd(arguments []string) error {
	flags := flag.NewFlagSet("crowd", flag.ExitOnError)
	target := flags.String("target", "", "IPv4:port")
	connections := flags.Int("connections", 700, "to open")
	silent := flags.Bool("silent", false, "say nothing until all are open")
	hold := flags.Duration("hold", 2*time.Second, "how long those that live are asked")
	_ = flags.Parse(arguments)
	raiseFileLimit()
	to, err := parse(*target)
	if err != nil {
		return err
	}
	c := &crowded{to: to, members: map[int]*member{}, report: crowdReport{Refused: map[string]int{}}, buffer: make([]byte, 4096)}
	if c.poll, err = newPoller(); err != nil {
		return err
	}
	for range *connections {
		c.join(!*silent)
		c.listen(2 * time.Millisecond)
	}
	c.listen(time.Second)
	before := len(c.members)
	for end := time.Now().Add(*hold); time.Now().Before(end); {
		c.askAll()
		c.listen(200 * time.Millisecond)
	}
	for _, m := range c.members {
		if m.answered {
			c.report.Lived++
		}
	}
	c.report.Failed = before - c.report.Lived
	return printJSON(c.report)
}

type crowded struct {
	to      *syscall.SockaddrInet4
	poll    *poller
	members map[int]*member
	report  crowdReport
	buffer  []byte
}

var question = []byte("GET /2 HTTP/1.1\r\nHost: bench\r\n\r\n")

func (c *crowded) join(speaks bool) {
	fd, err := connect(c.to)
	if err != nil {
		c.report.Refused[kindOf(err)]++
		return
	}
	c.members[fd] = &member{begun: time.Now(), asked: !speaks}
	events := uint32(syscall.EPOLLIN)
	if speaks {
		events |= syscall.EPOLLOUT
	}
	_ = c.poll.add(fd, events)
}

func (c *crowded) askAll() {
	for fd, m := range c.members {
		m.answered, m.asked = false, true
		_, _ = syscall.Write(fd, question) // a failure shows when the connection is read
	}
}

// listen handles events until a time is over.
func (c *crowded) listen(within time.Duration) {
	for end := time.Now().Add(within); time.Now().Before(end); {
		for _, event := range c.poll.wait(1) {
			c.handle(int(event.Fd))
		}
	}
}

func (c *crowded) handle(fd int) {
	m, ok := c.members[fd]
	if !ok {
		return
	}
	if !m.asked {
		m.asked = true
		_, _ = syscall.Write(fd, question)
		c.poll.change(fd, syscall.EPOLLIN)
		return
	}
	n, err := syscall.Read(fd, c.buffer)
	if err == syscall.EAGAIN {
		return
	}
	if n > 0 {
		m.answered = true
		return
	}
	c.report.Refused[kindOf(err)]++
	c.report.AfterMs = max(c.report.AfterMs, time.Since(m.begun).Seconds()*1000)
	delete(c.members, fd)
	syscall.Close(fd)
}
