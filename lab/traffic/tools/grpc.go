package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// The parts of gRPC that a proxy can see: HTTP/2, messages with a prefix of five bytes, the status in trailers.
// A message is plain text here, because proxies do not read it.

const (
	unaryMethod    = "/lab.Echo/Say"
	streamMethod   = "/lab.Echo/Repeat"
	streamMessages = 10
	streamPause    = 100 * time.Millisecond
)

func isGRPC(r *http.Request) bool {
	return r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// serveGRPC returns a message once, or several times with pauses.
func serveGRPC(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status")
	said, err := readMessage(r.Body)
	if err != nil {
		w.Header().Set("Grpc-Status", "13")
		return
	}
	count := map[string]int{unaryMethod: 1, streamMethod: streamMessages}[r.URL.Path]
	for i := range count {
		if i > 0 {
			time.Sleep(streamPause)
		}
		_, _ = w.Write(message(said))
		_ = http.NewResponseController(w).Flush()
	}
	w.Header().Set("Grpc-Status", map[bool]string{true: "0", false: "12"}[count > 0])
}

func message(payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(payload))), payload...)
}

// readMessage returns io.EOF at the end of the stream.
func readMessage(from io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if head[0] != 0 || size > maxFrame {
		return nil, fmt.Errorf("message of %d bytes, compressed %d", size, head[0])
	}
	payload := make([]byte, size)
	_, err := io.ReadFull(from, payload)
	return payload, err
}
