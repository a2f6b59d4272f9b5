package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// serving starts a backend on loopback, behind TLS with HTTP/2 as behind a gateway.
func serving(t *testing.T, wrap func(http.Handler) http.Handler) target {
	server := httptest.NewUnstartedServer(wrap(http.HandlerFunc((&backendServer{pod: "a", grpc: echoHandler()}).serve)))
	server.EnableHTTP2 = true
	server.Config.ConnContext = rememberConn
	server.StartTLS()
	t.Cleanup(server.Close)
	address, _ := url.Parse(server.URL)
	return target{address: address.Host, serverName: "shop.example.com", path: "/", secure: true, timeout: 5 * time.Second}
}

func asItIs(handler http.Handler) http.Handler { return handler }

func TestHoldCountsConnectionsThatEndInSilence(t *testing.T) {
	for _, webSocket := range []bool{false, true} {
		for _, lives := range []bool{true, false} {
			aim := serving(t, asItIs)
			if !lives {
				aim.address = cutAfter(t, aim.address, 800*time.Millisecond)
			}
			run := &holdRun{target: aim, webSocket: webSocket, silence: 1600 * time.Millisecond}
			run.all(3)
			again := map[bool]int64{true: 3}[lives]
			if run.answered.Load() != 3 || run.answeredAgain.Load() != again {
				t.Errorf("webSocket %v, lives %v: %d, then %d; %v", webSocket, lives, run.answered.Load(), run.answeredAgain.Load(), run.failures.copy())
			}
		}
	}
}

// cutAfter forwards connections, and resets each after a time.
func cutAfter(t *testing.T, address string, life time.Duration) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, _ := net.Dial("tcp", address)
			pipe := func(to, from net.Conn) { _, _ = bufio.NewReader(from).WriteTo(to) }
			go pipe(far, near)
			go pipe(near, far)
			time.AfterFunc(life, func() { _ = near.(*net.TCPConn).SetLinger(0); near.Close(); far.Close() })
		}
	}()
	return listener.Addr().String()
}

func TestGRPCStreams(t *testing.T) {
	call := func(wrap func(http.Handler) http.Handler) grpcReport {
		report, err := callMany(&tls.Config{InsecureSkipVerify: true}, serving(t, wrap), 1)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if report := call(asItIs); report.Unary != 1 || report.Streams != 1 || report.SpreadMs < 500 {
		t.Errorf("%+v", report)
	}
	if collected := call(collecting); collected.Streams != 1 || collected.SpreadMs > 500 {
		t.Errorf("collected on the way: %+v", collected)
	}
}

// collecting buffers whole answers, as some proxies do.
func collecting(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		whole := recorder.Result()
		maps.Copy(w.Header(), whole.Header)
		_, _ = w.Write(recorder.Body.Bytes())
		for name, values := range whole.Trailer {
			w.Header()[http.TrailerPrefix+name] = values
		}
	})
}

func TestDownloadNoticesWhatIsChangedOrMissing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]byte) []byte
		good  int64
	}{
		"nothing": {func(all []byte) []byte { return all }, 4 * blockSize},
		"changed": {func(all []byte) []byte { all[2*blockSize+100]++; return all }, 2 * blockSize},
		"doubled": {func(all []byte) []byte { copy(all[blockSize:], all[:blockSize]); return all }, blockSize},
		"missing": {func(all []byte) []byte { return all[:3*blockSize+1] }, 3 * blockSize},
	} {
		aim := serving(t, func(handler http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				whole := httptest.NewRecorder()
				handler.ServeHTTP(whole, r)
				_, _ = w.Write(c.spoil(whole.Body.Bytes()))
			})
		})
		good, err := aim.fetch(4*blockSize, time.Now().Add(5*time.Second))
		if good != c.good || (err == nil) != (name == "nothing") {
			t.Errorf("%s: %d bytes are good, %v", name, good, err)
		}
	}
}

// carried runs one connection of each kind for a while.
func carried(aim target) streamsReport {
	run := newStreamsRun()
	run.target, run.pause = aim, 50*time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
	defer cancel()
	run.ctx = ctx
	run.all(map[string]int{"idle": 1, "trickle": 1, "download": 1, "upload": 1, "websocket": 1, "grpc": 1}, func() {})
	return run.report()
}

func TestStreamsOfEveryKindLive(t *testing.T) {
	report := carried(serving(t, asItIs))
	if len(report.Opened) != len(streamKinds) || len(report.NotOpened)+len(report.Broken) != 0 || report.Peers["127.0.0.1"] != len(streamKinds) {
		t.Errorf("%+v", report)
	}
	if len(report.LongestStallMs) != len(streamKinds)-1 || report.Bytes < 4*blockSize {
		t.Errorf("not every kind carried bytes: %+v", report)
	}
}

func TestStreamsOfEveryKindNoticeThatTheyBreak(t *testing.T) {
	aim := serving(t, asItIs)
	aim.address = cutAfter(t, aim.address, 400*time.Millisecond)
	broken, report := map[string]bool{}, carried(aim)
	for name := range report.Broken {
		kind, _, _ := strings.Cut(name, " ")
		broken[kind] = true
	}
	if len(broken) != len(streamKinds) || report.BrokenPeers["127.0.0.1"] != len(streamKinds) {
		t.Errorf("noticed only by %v: %+v", broken, report)
	}
}

func TestStreamsNoticeWrongBytes(t *testing.T) {
	for name, spoil := range map[string]func([]byte, int) []byte{
		"doubled": func(some []byte, _ int) []byte { return append(some, some...) },
		"missing": func(some []byte, write int) []byte {
			if write%3 == 2 {
				return nil
			}
			return some
		},
	} {
		report := carried(serving(t, func(handler http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("trickle") || r.URL.Query().Has("bytes") {
					w = &spoiling{ResponseWriter: w, spoil: spoil}
				}
				handler.ServeHTTP(w, r)
			})
		}))
		if report.Broken["trickle receive:another-byte"] != 1 || report.Broken["download receive:another-block"] != 1 {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// spoiling changes what a handler writes.
type spoiling struct {
	http.ResponseWriter
	spoil  func(some []byte, write int) []byte
	writes int
}

func (s *spoiling) Write(some []byte) (int, error) {
	s.writes++
	_, err := s.ResponseWriter.Write(s.spoil(some, s.writes-1))
	return len(some), err
}

func (s *spoiling) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func TestUploadsOfWrongBlocksAreNoticed(t *testing.T) {
	block := make([]byte, blockSize)
	right := append(bytes.Clone(numbered(block, 0)), numbered(block, 1)...)
	for _, c := range []struct {
		body []byte
		good string
	}{{right, "131072"}, {right[:blockSize+1], "65536"}, {append(bytes.Clone(right[:blockSize]), right...), "65536"}} {
		seen := httptest.NewRecorder()
		checkUpload(seen, httptest.NewRequest(http.MethodPost, "/?upload", bytes.NewReader(c.body)))
		if seen.Body.String() != c.good {
			t.Errorf("%d bytes sent: %s are good instead of %s", len(c.body), seen.Body, c.good)
		}
	}
}
