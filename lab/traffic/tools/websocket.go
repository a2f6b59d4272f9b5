package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// The part of RFC 6455 that an echo needs: whole frames, no fragments.

const maxFrame = 1 << 20

// opcodes
const (
	textFrame  = 1
	closeFrame = 8
)

type frame struct {
	opcode  byte
	payload []byte
}

func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// echo returns every frame until the client closes.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Time{})
	fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		acceptKey(r.Header.Get("Sec-WebSocket-Key")))
	for buffered.Flush() == nil {
		said, err := readFrame(buffered.Reader)
		if err != nil || writeFrame(buffered.Writer, said, false) != nil || said.opcode == closeFrame {
			break
		}
	}
	_ = buffered.Flush()
}

// upgrade turns a connection into a WebSocket.
func (t *target) upgrade(c *client, deadline time.Time) error {
	_ = c.conn.SetDeadline(deadline)
	key := base64.StdEncoding.EncodeToString([]byte(rand.Text()[:16]))
	head := "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n"
	if _, err := fmt.Fprintf(c.conn, head, t.path, t.serverName, key); err != nil {
		return phase("send", err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return phase("receive", err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("status:%d", response.StatusCode)
	}
	if response.Header.Get("Sec-WebSocket-Accept") != acceptKey(key) {
		return errors.New("upgrade:not-ours")
	}
	return nil
}

// exchangeFrame sends a frame and reads its echo.
func (c *client) exchangeFrame(sent frame, deadline time.Time) error {
	_ = c.conn.SetDeadline(deadline)
	if err := writeFrame(c.conn, sent, true); err != nil {
		return phase("send", err)
	}
	back, err := readFrame(c.reader)
	if err != nil {
		return phase("receive", err)
	}
	if back.opcode != sent.opcode || string(back.payload) != string(sent.payload) {
		return errors.New("receive:another-frame")
	}
	return nil
}

func writeFrame(to io.Writer, said frame, masked bool) error {
	head := []byte{0x80 | said.opcode, 0}
	switch size := len(said.payload); {
	case size < 126:
		head[1] = byte(size)
	case size < 1<<16:
		head[1] = 126
		head = binary.BigEndian.AppendUint16(head, uint16(size))
	default:
		head[1] = 127
		head = binary.BigEndian.AppendUint64(head, uint64(size))
	}
	payload := said.payload
	if masked { // clients must mask, servers must not
		var mask [4]byte
		_, _ = rand.Read(mask[:])
		head[1] |= 0x80
		head = append(head, mask[:]...)
		payload = maskedWith(mask, payload)
	}
	_, err := to.Write(append(head, payload...))
	return err
}

func readFrame(from *bufio.Reader) (frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return frame{}, err
	}
	size, err := readSize(from, head[1]&0x7f)
	if err != nil || size > maxFrame {
		return frame{}, errors.Join(err, fmt.Errorf("frame of %d bytes", size))
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(from, mask[:]); err != nil {
			return frame{}, err
		}
	}
	payload := make([]byte, size)
	_, err = io.ReadFull(from, payload)
	return frame{head[0] & 0xf, maskedWith(mask, payload)}, err
}

func readSize(from *bufio.Reader, short byte) (uint64, error) {
	if short < 126 {
		return uint64(short), nil
	}
	long := make([]byte, map[byte]int{126: 2, 127: 8}[short])
	_, err := io.ReadFull(from, long)
	return binary.BigEndian.Uint64(append(make([]byte, 8-len(long)), long...)), err
}

func maskedWith(mask [4]byte, payload []byte) []byte {
	changed := make([]byte, len(payload))
	for i, one := range payload {
		changed[i] = one ^ mask[i%4]
	}
	return changed
}
