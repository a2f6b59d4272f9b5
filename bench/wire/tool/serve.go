package main

import (
	"bytes"
	"errors"
	"flag"
	"strconv"
	"strings"
	"syscall"
)

const (
	smallest  = 4 << 10  // answers up to this size are one write
	chunkSize = 64 << 20 // size of the file that large answers are sent from
)

// serve answers `GET /<bytes>` with that number of bytes, and every other request with two. It takes `PUT /<bytes>` and that
// number of bytes. It keeps connections open, and skips a PROXY header of version 1 or 2.
func serve(arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	addresses := flags.String("listen", "", "IPv4:port,…")
	_ = flags.Parse(arguments)
	raiseFileLimit()
	file, err := memoryFile(chunkSize)
	if err != nil {
		return err
	}
	poll, err := newPoller()
	if err != nil {
		return err
	}
	server := &server{
		poll: poll, file: file, listeners: map[int]bool{}, remaining: map[int]int64{}, uploads: map[int]int64{},
		buffer: make([]byte, 8<<10), discarded: make([]byte, 1<<20),
	}
	for _, address := range strings.Split(*addresses, ",") {
		fd, err := listen(address)
		if err != nil {
			return err
		}
		server.listeners[fd] = true
		if err := poll.add(fd, syscall.EPOLLIN); err != nil {
			return err
		}
	}
	for {
		for _, event := range poll.wait(-1) {
			server.handle(int(event.Fd), event.Events)
		}
	}
}

type server struct {
	poll      *poller
	file      int
	listeners map[int]bool
	remaining map[int]int64 // connections with a large answer in progress
	uploads   map[int]int64 // connections with an upload in progress
	buffer    []byte
	discarded []byte
	answers   map[int][]byte
}

func (s *server) handle(fd int, events uint32) {
	if s.listeners[fd] {
		s.accept(fd)
	} else if _, sending := s.remaining[fd]; sending && events&syscall.EPOLLOUT != 0 {
		s.sendMore(fd)
	} else {
		s.read(fd)
	}
}

func (s *server) accept(listener int) {
	for {
		fd, _, err := syscall.Accept4(listener, syscall.SOCK_NONBLOCK)
		if err != nil {
			return
		}
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		if s.poll.add(fd, syscall.EPOLLIN) != nil {
			syscall.Close(fd)
		}
	}
}

func (s *server) read(fd int) {
	left, uploads := s.uploads[fd]
	var n int
	var err error
	if uploads {
		n, err = discard(fd, s.discarded)
	} else {
		n, err = syscall.Read(fd, s.buffer)
	}
	if err == syscall.EAGAIN {
		return
	}
	if err != nil || n <= 0 {
		s.close(fd)
		return
	}
	if uploads {
		s.take(fd, left-int64(n))
	} else if request := withoutProxyHeader(s.buffer[:n]); len(request) > 0 {
		s.begin(fd, request)
	}
}

func (s *server) begin(fd int, request []byte) {
	if size := uploaded(request); size > 0 {
		_, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
		s.take(fd, size-int64(len(body)))
		return
	}
	s.answer(fd, wanted(request))
}

// take notes what is left of an upload, and answers when it is complete.
func (s *server) take(fd int, left int64) {
	s.uploads[fd] = left
	if left <= 0 {
		delete(s.uploads, fd)
		s.answer(fd, 2)
	}
}

func (s *server) answer(fd int, size int64) {
	if size <= smallest {
		if _, err := syscall.Write(fd, s.small(int(size))); err != nil {
			s.close(fd)
		}
		return
	}
	if _, err := syscall.Write(fd, head(size)); err != nil {
		s.close(fd)
		return
	}
	s.remaining[fd] = size
	s.poll.change(fd, syscall.EPOLLIN|syscall.EPOLLOUT)
}

func (s *server) sendMore(fd int) {
	left := s.remaining[fd]
	var offset int64
	n, err := syscall.Sendfile(fd, s.file, &offset, int(min(left, chunkSize)))
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		s.close(fd)
		return
	}
	if s.remaining[fd] = left - int64(max(n, 0)); s.remaining[fd] == 0 {
		delete(s.remaining, fd)
		s.poll.change(fd, syscall.EPOLLIN)
	}
}

func (s *server) close(fd int) {
	delete(s.remaining, fd)
	delete(s.uploads, fd)
	syscall.Close(fd)
}

func (s *server) small(size int) []byte {
	if s.answers == nil {
		s.answers = map[int][]byte{}
	}
	if _, known := s.answers[size]; !known {
		s.answers[size] = append(head(int64(size)), bytes.Repeat([]byte{'x'}, size)...)
	}
	return s.answers[size]
}

func head(size int64) []byte {
	return []byte("HTTP/1.1 200 OK\r\nContent-Length: " + strconv.FormatInt(size, 10) + "\r\n\r\n")
}

// wanted is the number in `GET /<number> …`, and 2 of other requests.
func wanted(request []byte) int64 {
	if size, ok := sizeIn("GET /", request); ok {
		return size
	}
	return 2
}

// uploaded is the number in `PUT /<number> …`, and 0 of other requests.
func uploaded(request []byte) int64 {
	size, _ := sizeIn("PUT /", request)
	return size
}

func sizeIn(method string, request []byte) (int64, bool) {
	path, found := strings.CutPrefix(string(request[:min(len(request), 40)]), method)
	digits, _, _ := strings.Cut(path, " ")
	size, err := strconv.ParseInt(digits, 10, 64)
	return size, found && err == nil
}

var signature = []byte("\r\n\r\n\x00\r\nQUIT\n")

// withoutProxyHeader expects the header in one piece, as all three proxies send it.
func withoutProxyHeader(text []byte) []byte {
	if bytes.HasPrefix(text, signature) && len(text) >= 16 {
		return text[min(len(text), 16+int(text[14])<<8+int(text[15])):]
	}
	if bytes.HasPrefix(text, []byte("PROXY ")) {
		_, rest, _ := bytes.Cut(text, []byte("\r\n"))
		return rest
	}
	return text
}

// memoryFile is a file without a name and without a disk.
func memoryFile(size int64) (int, error) {
	name, _ := syscall.BytePtrFromString("wire")
	fd, _, errno := syscall.Syscall(319, pointer(name), 0, 0) // memfd_create; package syscall has no name for it
	if errno != 0 {
		return 0, errno
	}
	return int(fd), syscall.Ftruncate(int(fd), size)
}
