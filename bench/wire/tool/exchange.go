package main

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"syscall"
	"time"
)

func (d *driver) connect() error {
	fd, err := connect(d.to)
	if err != nil {
		return err
	}
	d.conns[fd] = &conn{fd: fd, connecting: true, begun: time.Now()}
	d.report.Connections++
	return d.poll.add(fd, syscall.EPOLLOUT)
}

func (d *driver) send(c *conn, at time.Time) {
	c.busy, c.left, c.begun = true, -1, at
	if !d.fresh {
		d.running++
	}
	if _, err := syscall.Write(c.fd, d.request); err != nil {
		d.broke(c, err)
	}
}

func (d *driver) handle(fd int, events uint32, now time.Time) {
	c, ok := d.conns[fd]
	if !ok {
		return
	}
	if c.connecting {
		d.connected(c)
		return
	}
	d.receive(c, now)
}

func (d *driver) connected(c *conn) {
	if err := failure(c.fd); err != nil {
		d.broke(c, err)
		return
	}
	c.connecting = false
	d.poll.change(c.fd, syscall.EPOLLIN)
	if d.fresh {
		d.send(c, c.begun)
		return
	}
	d.idle = append(d.idle, c)
}

func (d *driver) receive(c *conn, now time.Time) {
	var n int
	var err error
	if c.left > 0 {
		n, err = discard(c.fd, d.buffer)
	} else {
		n, err = syscall.Read(c.fd, d.buffer[:4096])
	}
	if errors.Is(err, syscall.EAGAIN) {
		return
	}
	if err != nil || n <= 0 || !c.busy {
		d.broke(c, err)
		return
	}
	d.report.Bytes += int64(n)
	if c.left < 0 {
		c.left, n = bodyOf(d.buffer[:n])
	}
	if c.left -= int64(n); c.left == 0 {
		d.done(c, now)
	}
}

func (d *driver) done(c *conn, now time.Time) {
	c.busy = false
	d.running--
	d.report.Requests++
	d.answered++
	if d.measures {
		d.samples = append(d.samples, time.Since(c.begun).Seconds()*1e6)
	}
	if d.fresh {
		delete(d.conns, c.fd)
		syscall.Close(c.fd)
		return
	}
	d.idle = append(d.idle, c)
	if len(d.waiting) > 0 {
		at := d.waiting[0]
		d.waiting = d.waiting[1:]
		d.send(d.next(), at)
	}
}

func (d *driver) broke(c *conn, err error) {
	if c.busy || d.fresh {
		d.running--
	}
	d.idle = slices.DeleteFunc(d.idle, func(other *conn) bool { return other == c })
	delete(d.conns, c.fd)
	syscall.Close(c.fd)
	d.failed(err)
	if !d.fresh && d.measures {
		_ = d.connect()
	}
}

func (d *driver) failed(err error) { d.report.Failed[kindOf(err)]++ }

func requestFor(size int64) []byte {
	return []byte("GET /" + strconv.FormatInt(size, 10) + " HTTP/1.1\r\nHost: bench\r\n\r\n")
}

func uploadOf(size int64) []byte {
	length := strconv.FormatInt(size, 10)
	return []byte("PUT /" + length + " HTTP/1.1\r\nHost: bench\r\nContent-Length: " + length + "\r\n\r\n")
}

// bodyOf returns the length of the body, and how much of it has arrived.
func bodyOf(text []byte) (int64, int) {
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	_, length, _ := bytes.Cut(head, []byte("Content-Length: "))
	length, _, _ = bytes.Cut(length, []byte("\r"))
	size, _ := strconv.ParseInt(string(length), 10, 64)
	return size, len(body)
}
