package main

import (
	"flag"
	"fmt"
	"syscall"
	"time"
)

// echo answers at an address that this machine may get later, such as a virtual IP.
func echo(arguments []string) error {
	flags := flag.NewFlagSet("echo", flag.ExitOnError)
	address := flags.String("listen", "", "IPv4:port")
	_ = flags.Parse(arguments)
	at, err := parse(*address)
	if err != nil {
		return err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	const freeBind = 15 // IP_FREEBIND
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, freeBind, 1)
	if err := syscall.Bind(fd, at); err != nil {
		return fmt.Errorf("bind %s: %w", *address, err)
	}
	buffer := make([]byte, 64)
	for {
		if n, from, err := syscall.Recvfrom(fd, buffer, 0); err == nil {
			_ = syscall.Sendto(fd, buffer[:n], 0, from)
		}
	}
}

// gapsReport is what `wire gaps` prints.
type gapsReport struct {
	Asked       int     `json:"asked"`
	Answered    int     `json:"answered"`
	LongestMs   float64 `json:"longestMs"`   // longest time from one answer to the next
	WorstStepMs float64 `json:"worstStepMs"` // longest time from one question to the next, which shows the machine's own load
}

// gaps asks at a constant rate, and reports the longest time without an answer.
func gaps(arguments []string) error {
	flags := flag.NewFlagSet("gaps", flag.ExitOnError)
	target := flags.String("target", "", "IPv4:port")
	interval := flags.Duration("interval", time.Millisecond, "between two questions")
	duration := flags.Duration("duration", 2*time.Second, "how long")
	_ = flags.Parse(arguments)
	to, err := parse(*target)
	if err != nil {
		return err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	report, buffer := gapsReport{}, make([]byte, 64)
	begun := time.Now()
	asked, answered := begun, begun
	for time.Since(begun) < *duration {
		now := time.Now()
		report.WorstStepMs, asked = max(report.WorstStepMs, milliseconds(now.Sub(asked))), now
		report.Asked++
		_ = syscall.Sendto(fd, buffer[:8], 0, to) // without a route or a neighbour there is no answer
		time.Sleep(*interval)
		for now = time.Now(); ; report.Answered++ {
			if _, _, err := syscall.Recvfrom(fd, buffer, 0); err != nil {
				break
			}
			report.LongestMs, answered = max(report.LongestMs, milliseconds(now.Sub(answered))), now
		}
	}
	report.LongestMs = max(report.LongestMs, milliseconds(time.Since(answered)))
	return printJSON(report)
}

func milliseconds(time time.Duration) float64 { return time.Seconds() * 1000 }
