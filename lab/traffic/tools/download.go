package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// blockSize divides every download's size. Each block begins with its number, so that lost, doubled or changed blocks show.
const blockSize = 64 << 10

type downloadReport struct {
	Bytes   int64   `json:"bytes"` // correct ones before the first error
	Seconds float64 `json:"seconds"`
	Failed  string  `json:"failed,omitempty"`
}

// serveBytes sends size bytes, in whole blocks.
func serveBytes(w http.ResponseWriter, size int64) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	block := make([]byte, blockSize)
	for number := range size / blockSize {
		if _, err := w.Write(numbered(block, number)); err != nil {
			return
		}
	}
}

// serveTrickle sends a numbered byte in each pause until the client is gone.
func serveTrickle(w http.ResponseWriter, r *http.Request, pause time.Duration) {
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	control := http.NewResponseController(w)
	for number := 0; r.Context().Err() == nil; number++ {
		if _, err := w.Write([]byte{trickled(number)}); err != nil || control.Flush() != nil {
			return
		}
		<-ticks.C
	}
}

// trickled returns the byte with this number. The prime shows a lost, doubled or swapped byte, and most losses of several.
func trickled(number int) byte { return byte(number % 251) }

// checkUpload reads numbered blocks, and answers how many of their bytes came in order.
func checkUpload(w http.ResponseWriter, r *http.Request) {
	got, should, good := make([]byte, blockSize), make([]byte, blockSize), int64(0)
	for {
		if _, err := io.ReadFull(r.Body, got); err != nil || !bytes.Equal(got, numbered(should, good/blockSize)) {
			fmt.Fprint(w, good)
			return
		}
		good += blockSize
	}
}

func numbered(block []byte, number int64) []byte {
	binary.BigEndian.PutUint64(block, uint64(number))
	return block
}

// download reads a long answer and checks every byte of it.
func download(arguments []string) error {
	flags := flag.NewFlagSet("download", flag.ExitOnError)
	var aim target
	aim.flags(flags, 10*time.Minute)
	size := flags.Int64("bytes", 1<<30, "how many, whole blocks of 64 KiB")
	if err := aim.parse(flags, arguments); err != nil {
		return err
	}
	if *size%blockSize != 0 {
		return fmt.Errorf("invalid --bytes %d; expected a multiple of %d", *size, blockSize)
	}
	begun := time.Now()
	good, err := aim.fetch(*size, begun.Add(aim.timeout))
	report := downloadReport{Bytes: good, Seconds: time.Since(begun).Seconds()}
	if err != nil {
		report.Failed = err.Error()
	}
	return printJSON(report)
}

func (t *target) fetch(size int64, deadline time.Time) (int64, error) {
	c, err := t.dial(deadline)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	if _, err := fmt.Fprintf(c.conn, "GET /?bytes=%d HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", size, t.serverName); err != nil {
		return 0, phase("send", err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, phase("receive", err)
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status:%d", response.StatusCode)
	}
	got, should := make([]byte, blockSize), make([]byte, blockSize)
	for number := range size / blockSize {
		if _, err := io.ReadFull(response.Body, got); err != nil {
			return number * blockSize, phase("receive", err)
		}
		if !bytes.Equal(got, numbered(should, number)) {
			return number * blockSize, errors.New("receive:another-block")
		}
	}
	return size, nil
}
