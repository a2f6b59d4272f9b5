package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"
)

// pairReport is what `wire pair` prints: seconds of each transfer.
type pairReport struct {
	First  transfers `json:"first"`
	Second transfers `json:"second"`
}

type transfers struct {
	Downloads []float64 `json:"downloads"`
	Uploads   []float64 `json:"uploads"`
}

// pair opens a connection, prints "open" and waits for a line. Then it opens another one, and transfers on both in turns.
func pair(arguments []string) error {
	flags := flag.NewFlagSet("pair", flag.ExitOnError)
	target := flags.String("target", "", "IPv4:port")
	size := flags.Int64("bytes", 1<<30, "of a transfer")
	turns := flags.Int("turns", 4, "each with a download and an upload on both connections")
	_ = flags.Parse(arguments)
	file, err := memoryFile(chunkSize)
	if err != nil {
		return err
	}
	report, buffer := pairReport{}, make([]byte, 1<<20)
	first, err := open(*target, buffer)
	if err != nil {
		return err
	}
	fmt.Println("open")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	second, err := open(*target, buffer)
	if err != nil {
		return err
	}
	sides := []side{{first, &report.First}, {second, &report.Second}}
	for turn := range *turns {
		for i := range sides {
			if err := sides[(turn+i)%2].transfer(*size, file, buffer); err != nil {
				return err
			}
		}
	}
	return printJSON(report)
}

type side struct {
	fd     int
	report *transfers
}

func (s side) transfer(size int64, file int, buffer []byte) error {
	begun := time.Now()
	if err := download(s.fd, size, buffer); err != nil {
		return err
	}
	downloaded := time.Now()
	if err := upload(s.fd, size, file, buffer); err != nil {
		return err
	}
	s.report.Downloads = append(s.report.Downloads, downloaded.Sub(begun).Seconds())
	s.report.Uploads = append(s.report.Uploads, time.Since(downloaded).Seconds())
	return nil
}

// open returns a connection that has had one answer, because only then is a proxy connected too.
func open(target string, buffer []byte) (int, error) {
	to, err := parse(target)
	if err != nil {
		return -1, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if err := syscall.Connect(fd, to); err != nil {
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, download(fd, 2, buffer)
}

func download(fd int, size int64, buffer []byte) error {
	if _, err := syscall.Write(fd, requestFor(size)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return receive(fd, buffer)
}

func upload(fd int, size int64, file int, buffer []byte) error {
	if _, err := syscall.Write(fd, uploadOf(size)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for left := size; left > 0; {
		var offset int64
		n, err := syscall.Sendfile(fd, file, &offset, int(min(left, chunkSize)))
		if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		left -= int64(n)
	}
	return receive(fd, buffer)
}

// receive reads one answer.
func receive(fd int, buffer []byte) error {
	n, err := syscall.Read(fd, buffer[:4096])
	if err != nil || n <= 0 {
		return fmt.Errorf("read: %s", kindOf(err))
	}
	size, arrived := bodyOf(buffer[:n])
	for left := size - int64(arrived); left > 0; left -= int64(n) {
		if n, err = discard(fd, buffer); err != nil || n <= 0 {
			return fmt.Errorf("read: %s", kindOf(err))
		}
	}
	return nil
}
