package main

import (
	"flag"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// holdReport is what `labtool hold` prints.
type holdReport struct {
	Answered      int64          `json:"answered"`      // connections that were answered when they were new
	AnsweredAgain int64          `json:"answeredAgain"` // those answered again after the silence, with all of them open at the same time
	FailedBy      map[string]int `json:"failedBy"`
	Pods          map[string]int `json:"pods"` // answers per pod; WebSocket answers do not name it
}

type holdRun struct {
	target    target
	webSocket bool
	silence   time.Duration

	failures, pods          tally
	answered, answeredAgain atomic.Int64
}

// echoed has one message for each of the three encodings of a frame's length.
var echoed = [][]byte{
	[]byte("hello"),
	[]byte(strings.Repeat("hello ", 100)),
	[]byte(strings.Repeat("hello ", 20_000)),
}

// openAtOnce limits parallel handshakes, so that they do not wait for each other until they time out.
const openAtOnce = 32

// hold opens connections, uses each, keeps all of them silent, and uses each again.
func hold(arguments []string) error {
	flags := flag.NewFlagSet("hold", flag.ExitOnError)
	run := &holdRun{}
	run.target.flags(flags, 10*time.Second)
	count := flags.Int("connections", 1, "at the same time")
	flags.BoolVar(&run.webSocket, "websocket", false, "WebSockets, and echoes instead of requests")
	flags.DurationVar(&run.silence, "silence", time.Second, "between the last connection's first answer and the second use of each")
	if err := run.target.parse(flags, arguments); err != nil {
		return err
	}
	run.all(*count)
	return printJSON(holdReport{
		Answered: run.answered.Load(), AnsweredAgain: run.answeredAgain.Load(), FailedBy: run.failures.copy(), Pods: run.pods.copy(),
	})
}

func (r *holdRun) all(count int) {
	var opened, ended sync.WaitGroup
	places := make(chan struct{}, openAtOnce)
	opened.Add(count)
	ended.Add(count)
	for range count {
		go func() {
			defer ended.Done()
			r.one(&opened, places)
		}()
	}
	ended.Wait()
}

// one runs one connection; places limits how many are in use at the same time.
func (r *holdRun) one(opened *sync.WaitGroup, places chan struct{}) {
	places <- struct{}{}
	c, err := r.open()
	<-places
	opened.Done()
	if err != nil {
		r.failures.add("first:" + err.Error())
		return
	}
	defer c.conn.Close()
	r.answered.Add(1)
	opened.Wait()
	time.Sleep(r.silence)
	places <- struct{}{}
	defer func() { <-places }()
	if err := r.use(c); err != nil {
		r.failures.add("again:" + err.Error())
		return
	}
	r.answeredAgain.Add(1)
}

// heldConn is a connection, and the WebSocket that it has become if --websocket is given.
type heldConn struct {
	*client
	socket *websocket.Conn
}

func (r *holdRun) open() (*heldConn, error) {
	deadline := time.Now().Add(r.target.timeout)
	c, err := r.target.dial(deadline)
	if err != nil {
		return nil, err
	}
	held := &heldConn{client: c}
	if r.webSocket {
		held.socket, err = r.target.upgrade(c, deadline)
	}
	if err == nil {
		err = r.use(held)
	}
	if err != nil {
		c.conn.Close()
		return nil, err
	}
	return held, nil
}

func (r *holdRun) use(c *heldConn) error {
	deadline := time.Now().Add(r.target.timeout)
	if c.socket == nil {
		read, err := r.target.request(c.client, deadline, false)
		if err == nil {
			r.pods.add(read.Pod)
		}
		return err
	}
	for _, message := range echoed {
		if err := exchangeMessage(c.socket, message, deadline); err != nil {
			return err
		}
	}
	return nil
}
