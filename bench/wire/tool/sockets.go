package main

import (
	"fmt"
	"net/netip"
	"syscall"
	"unsafe"
)

// poller is one epoll instance, level-triggered.
type poller struct {
	fd     int
	events []syscall.EpollEvent
}

func newPoller() (*poller, error) {
	fd, err := syscall.EpollCreate1(0)
	return &poller{fd, make([]syscall.EpollEvent, 512)}, err
}

func (p *poller) add(fd int, events uint32) error {
	return syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

func (p *poller) change(fd int, events uint32) {
	_ = syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_MOD, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

// wait returns what is ready; nothing after an interruption.
func (p *poller) wait(milliseconds int) []syscall.EpollEvent {
	n, err := syscall.EpollWait(p.fd, p.events, milliseconds)
	if err != nil {
		return nil
	}
	return p.events[:n]
}

func parse(address string) (*syscall.SockaddrInet4, error) {
	found, err := netip.ParseAddrPort(address)
	if err != nil || !found.Addr().Is4() {
		return nil, fmt.Errorf("invalid address %q; expected IPv4:port", address)
	}
	return &syscall.SockaddrInet4{Addr: found.Addr().As4(), Port: int(found.Port())}, nil
}

func listen(address string) (int, error) {
	at, err := parse(address)
	if err != nil {
		return 0, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err := syscall.Bind(fd, at); err != nil {
		return 0, fmt.Errorf("bind %s: %w", address, err)
	}
	return fd, syscall.Listen(fd, 65535)
}

// connect starts a connection; EPOLLOUT shows that it is complete.
func connect(to *syscall.SockaddrInet4) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	if err := syscall.Connect(fd, to); err != nil && err != syscall.EINPROGRESS {
		syscall.Close(fd)
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

// discard reads without copying, because the bytes of a transfer are not needed.
func discard(fd int, buffer []byte) (int, error) {
	n, _, errno := syscall.Syscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)), syscall.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// kindOf names the kind of a failure, so that failures can be counted by kind.
func kindOf(err error) string {
	switch err {
	case nil:
		return "closed"
	case syscall.ECONNRESET:
		return "reset"
	case syscall.ECONNREFUSED:
		return "refused"
	case syscall.EPIPE:
		return "broken pipe"
	case syscall.ETIMEDOUT:
		return "timeout"
	case syscall.EADDRNOTAVAIL:
		return "no local port"
	}
	return err.Error()
}

// failure returns the error of a failed connection.
func failure(fd int) error {
	if code, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err == nil && code != 0 {
		return syscall.Errno(code)
	}
	return nil
}

// raiseFileLimit raises the limit of open files to the hard limit.
func raiseFileLimit() uint64 {
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	limit.Cur = limit.Max
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	return limit.Max
}
