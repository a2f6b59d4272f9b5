package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// abuseReport is what `labtool abuse` prints.
type abuseReport struct {
	Opened int64          `json:"opened"` // connections
	Silent int64          `json:"silent"` // of those that wait: still open when the time was up
	Failed map[string]int `json:"failed"` // how the others ended
	// addresses that answers with status 200 name as their client
	Clients map[string]int `json:"clients"`
}

// abuses maps each value of --kind to what the client says. After the waiting ones, it waits until the time is up; after the
// others it asks for a page, and begins again.
var abuses = map[string]struct {
	waits bool
	says  func(t *target) []byte
}{
	"silence":        {true, func(*target) []byte { return nil }},
	"half-handshake": {true, func(t *target) []byte { hello := clientHello(t.serverName); return hello[:len(hello)/2] }},
	"garbage":        {false, func(*target) []byte { return randomBytes(2000) }},
	"huge-hello":     {false, func(*target) []byte { return hugeHello() }},
	"huge-proxy-v1":  {false, func(*target) []byte { return []byte("PROXY TCP4 " + strings.Repeat("1", 64_000)) }},
	"huge-proxy-v2":  {false, func(*target) []byte { return hugeHeader() }},
}

type abuseRun struct {
	target target
	waits  bool
	text   []byte

	failures, clients tally
	opened, silent    atomic.Int64
}

// abuse is a client that misbehaves. It opens connections that say nothing or half a handshake, or sends garbage and PROXY headers.
func abuse(arguments []string) error {
	flags := flag.NewFlagSet("abuse", flag.ExitOnError)
	run := &abuseRun{}
	run.target.flags(flags, 2*time.Second)
	var until bound
	until.flags(flags)
	kind := flags.String("kind", "silence", "what the client says")
	count := flags.Int("connections", 16, "at the same time")
	rate := flags.Float64("rate", 100, "new ones a second, over all")
	if err := run.target.parse(flags, arguments); err != nil {
		return err
	}
	chosen, ok := abuses[*kind]
	if !ok {
		return fmt.Errorf("invalid --kind %q", *kind)
	}
	run.waits, run.text = chosen.waits, chosen.says(&run.target)
	ctx, cancel := until.context()
	defer cancel()
	run.all(ctx, *count, time.Duration(float64(*count) / *rate * float64(time.Second)))
	return printJSON(run.report())
}

func (r *abuseRun) report() abuseReport {
	return abuseReport{Opened: r.opened.Load(), Silent: r.silent.Load(), Failed: r.failures.copy(), Clients: r.clients.copy()}
}

func (r *abuseRun) all(ctx context.Context, count int, pause time.Duration) {
	var ended sync.WaitGroup
	places := make(chan struct{}, openAtOnce)
	for i := range count {
		ended.Add(1)
		go func() {
			defer ended.Done()
			if r.waits {
				time.Sleep(pause * time.Duration(i) / time.Duration(count))
				r.wait(ctx, places)
				return
			}
			for ctx.Err() == nil {
				begun := time.Now()
				r.ask()
				time.Sleep(pause - time.Since(begun))
			}
		}()
	}
	ended.Wait()
}

// wait opens a connection, and holds it until the other side closes it or the time is up.
func (r *abuseRun) wait(ctx context.Context, places chan struct{}) {
	places <- struct{}{}
	c, err := r.target.dial(time.Now().Add(r.target.timeout))
	if err == nil {
		_, err = c.conn.Write(r.text)
	}
	<-places
	if err != nil {
		r.failures.add(err.Error())
		return
	}
	defer c.conn.Close()
	r.opened.Add(1)
	_ = c.conn.SetDeadline(time.Time{})
	defer context.AfterFunc(ctx, func() { _ = c.conn.SetReadDeadline(time.Now()) })()
	if _, err = io.Copy(io.Discard, c.reader); err == nil {
		err = io.EOF
	}
	if ctx.Err() != nil {
		r.silent.Add(1)
		return
	}
	r.failures.add(phase("receive", err).Error())
}

// ask sends its text, and then asks for a page as an honest client would.
func (r *abuseRun) ask() {
	deadline := time.Now().Add(r.target.timeout)
	c, err := r.target.dial(deadline)
	if err != nil {
		r.failures.add(err.Error())
		return
	}
	defer c.conn.Close()
	r.opened.Add(1)
	if _, err := c.conn.Write(r.text); err != nil {
		r.failures.add(phase("send", err).Error())
		return
	}
	reply, err := r.target.request(c, deadline, true)
	if err != nil {
		r.failures.add(err.Error())
		return
	}
	r.clients.add(reply.client())
}

func randomBytes(count int) []byte {
	some := make([]byte, count)
	_, _ = rand.Read(some)
	return some
}

// recorded keeps what is written to it, and answers nothing.
type recorded struct {
	net.Conn
	bytes.Buffer
}

func (r *recorded) Read([]byte) (int, error)       { return 0, errors.New("no answer") }
func (r *recorded) Write(some []byte) (int, error) { return r.Buffer.Write(some) }

// clientHello is the first message of a TLS handshake, in its record.
func clientHello(serverName string) []byte {
	kept := &recorded{}
	_ = tls.Client(kept, &tls.Config{ServerName: serverName, InsecureSkipVerify: true}).Handshake()
	return slices.Clone(kept.Buffer.Bytes())
}

// hugeHello begins a ClientHello of 16 MiB, in records of the largest size, and sends 64 KiB of it.
func hugeHello() []byte {
	const record = 16_384
	text := []byte{}
	for i := range 4 {
		text = append(text, 22, 3, 1, record>>8, record&0xff)
		body := make([]byte, record)
		if i == 0 {
			copy(body, []byte{1, 0xff, 0xff, 0xff, 3, 3})
		}
		text = append(text, body...)
	}
	return text
}

// hugeHeader is a PROXY header of version 2 with as much behind its addresses as its length field can say. It claims to be another client.
func hugeHeader() []byte {
	text := []byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff")
	text = append(text, net.ParseIP(forgedClient).To4()...)
	return append(text, make([]byte, 0xffff-4)...)
}
