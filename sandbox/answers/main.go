// answers shows which nodes answer for addresses, as clients see it: it asks by ARP and neighbour discovery, and opens connections.
//
// The questions come from addresses of a machine that does not exist, so that the answers do not change what the client's
// kernel knows. The connections depend on what the kernel knows, as those of any client.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// answer is one answer to a question, or one connection.
type answer struct {
	Address string  `json:"address"`
	AtMs    float64 `json:"atMs"` // when the answer came, or the connection began; since 1970
	Who     string  `json:"who"`  // hardware address, or the name that the server sent; empty: the connection failed
}

type report struct {
	mutex       sync.Mutex
	AskedMs     []float64 `json:"askedMs"`
	Answers     []answer  `json:"answers"`
	Connections []answer  `json:"connections"`
}

const connectionTimeout = time.Second

func main() {
	device := flag.String("device", "eth0", "interface")
	port := flag.Int("port", 443, "port of the connections")
	interval := flag.Duration("interval", 50*time.Millisecond, "between two questions about an address, and two connections to it")
	duration := flag.Duration("duration", time.Minute, "how long at most; SIGTERM ends it earlier")
	flag.Parse()
	if err := run(*device, *port, *interval, *duration, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "answers:", err)
		os.Exit(1)
	}
}

func run(device string, port int, interval, duration time.Duration, addresses []string) error {
	asker, err := newAsker(device)
	if err != nil {
		return err
	}
	questions := make([]question, len(addresses))
	for i, text := range addresses {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		questions[i] = question{address, asker.frame(address)}
	}
	found := &report{}
	asker.listen(found.answered)
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	timeout := time.After(duration)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var connections sync.WaitGroup
	for done := false; !done; {
		select {
		case <-end:
			done = true
		case <-timeout:
			done = true
		case now := <-ticker.C:
			found.asked(now)
			for _, question := range questions {
				asker.ask(question) // fails while the interface is down
				connections.Add(1)
				go func() {
					defer connections.Done()
					found.connected(connect(question.address, port))
				}()
			}
		}
	}
	connections.Wait()
	found.mutex.Lock()
	return json.NewEncoder(os.Stdout).Encode(found)
}

func (r *report) asked(at time.Time) {
	r.mutex.Lock()
	r.AskedMs = append(r.AskedMs, milliseconds(at))
	r.mutex.Unlock()
}

func (r *report) answered(address netip.Addr, hardware net.HardwareAddr) {
	r.mutex.Lock()
	r.Answers = append(r.Answers, answer{address.String(), milliseconds(time.Now()), hardware.String()})
	r.mutex.Unlock()
}

func (r *report) connected(connection answer) {
	r.mutex.Lock()
	r.Connections = append(r.Connections, connection)
	r.mutex.Unlock()
}

// connect opens a connection, sends a line, and returns who sent it back: the server puts its name first.
func connect(address netip.Addr, port int) answer {
	begun := time.Now()
	result := answer{Address: address.String(), AtMs: milliseconds(begun)}
	connection, err := net.DialTimeout("tcp", netip.AddrPortFrom(address, uint16(port)).String(), connectionTimeout)
	if err != nil {
		return result
	}
	defer connection.Close()
	_ = connection.(*net.TCPConn).SetLinger(0) // a reset leaves no port in TIME_WAIT
	_ = connection.SetDeadline(begun.Add(connectionTimeout))
	if _, err := connection.Write([]byte("\n")); err != nil {
		return result
	}
	buffer := make([]byte, 64)
	n, err := connection.Read(buffer)
	if err == nil {
		result.Who = strings.TrimSpace(string(buffer[:n]))
	}
	return result
}

func milliseconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1000 }
