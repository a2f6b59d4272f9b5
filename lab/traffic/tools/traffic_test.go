package main

import (
	"bufio"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// serving starts a backend on loopback, behind TLS with HTTP/2 as behind a gateway.
func serving(t *testing.T, wrap func(http.Handler) http.Handler) target {
	server := httptest.NewUnstartedServer(wrap(http.HandlerFunc((&backendServer{pod: "a", grpc: echoHandler()}).serve)))
	server.EnableHTTP2 = true
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
				aim.address = cutAfter(t, aim.address, 300*time.Millisecond)
			}
			run := &holdRun{target: aim, webSocket: webSocket, silence: 600 * time.Millisecond}
			run.all(3)
			again := map[bool]int64{true: 3}[lives]
			if run.answered.Load() != 3 || run.answeredAgain.Load() != again {
				t.Errorf("webSocket %v, lives %v: %d, then %d; %v", webSocket, lives, run.answered.Load(), run.answeredAgain.Load(), run.failures.copy())
			}
		}
	}
}

// cutAfter forwards connections, and closes each after a time.
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
			time.AfterFunc(life, func() { near.Close(); far.Close() })
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
