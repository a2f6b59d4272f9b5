package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// messageSize is the size of a message of a WebSocket or of gRPC.
const messageSize = 600

// streamKinds opens a connection of a kind.
var streamKinds = map[string]func(*streamsRun) (*openStream, error){
	"idle":      overHTTP(idle),
	"trickle":   overHTTP(trickle),
	"download":  overHTTP(downloadSlowly),
	"upload":    overHTTP(uploadSlowly),
	"websocket": overHTTP(overWebSocket),
	"grpc":      openGRPC,
}

// overHTTP opens a connection with a request, whose answer names the backend's peer.
func overHTTP(carry func(*streamsRun, *client) error) func(*streamsRun) (*openStream, error) {
	return func(r *streamsRun) (*openStream, error) {
		deadline := time.Now().Add(r.target.timeout)
		aim := r.target
		aim.readBuffer = blockSize // small, so that a slow download soon notices that it is broken
		c, err := aim.dial(deadline)
		if err != nil {
			return nil, err
		}
		seen, err := r.target.request(c, deadline, false)
		if err != nil {
			c.conn.Close()
			return nil, err
		}
		return &openStream{seen.Peer, func() error { return carry(r, c) }, func() { c.conn.Close() }}, nil
	}
}

// idle is silent until the run ends, and then sends one more request.
func idle(r *streamsRun, c *client) error {
	<-r.ctx.Done()
	_, err := r.target.request(c, time.Now().Add(r.target.timeout), true)
	return err
}

// trickle reads a byte now and then. Each has the number of its place.
func trickle(r *streamsRun, c *client) error {
	body, err := r.begin(c, fmt.Sprintf("GET /?trickle=%d HTTP/1.1\r\nHost: %s\r\n\r\n", r.pause.Milliseconds(), r.target.serverName))
	if err != nil {
		return err
	}
	one, last := make([]byte, 1), time.Now()
	for number := 0; r.ctx.Err() == nil; number++ {
		_ = c.conn.SetDeadline(time.Now().Add(r.target.timeout + r.pause))
		if _, err := io.ReadFull(body, one); err != nil {
			return phase("receive", err)
		}
		if one[0] != trickled(number) {
			return errors.New("receive:another-byte")
		}
		r.got("trickle", 1, time.Since(last)-r.pause)
		last = time.Now()
	}
	return nil
}

// downloadSlowly reads numbered blocks.
func downloadSlowly(r *streamsRun, c *client) error {
	body, err := r.begin(c, fmt.Sprintf("GET /?bytes=%d HTTP/1.1\r\nHost: %s\r\n\r\n", int64(1)<<40, r.target.serverName))
	if err != nil {
		return err
	}
	got, should := make([]byte, blockSize), make([]byte, blockSize)
	for number := int64(0); r.rest(r.pause / 2); number++ {
		begun := time.Now()
		_ = c.conn.SetDeadline(begun.Add(r.target.timeout))
		if _, err := io.ReadFull(body, got); err != nil {
			return phase("receive", err)
		}
		if !bytes.Equal(got, numbered(should, number)) {
			return errors.New("receive:another-block")
		}
		r.got("download", blockSize, time.Since(begun))
	}
	return nil
}

// begin sends a request with an answer that does not end.
func (r *streamsRun) begin(c *client, head string) (io.Reader, error) {
	_ = c.conn.SetDeadline(time.Now().Add(r.target.timeout))
	if _, err := io.WriteString(c.conn, head); err != nil {
		return nil, phase("send", err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return nil, phase("receive", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status:%d", response.StatusCode)
	}
	return response.Body, nil
}

// uploadSlowly sends numbered blocks. The backend checks them, and answers in the end how many bytes were correct.
func uploadSlowly(r *streamsRun, c *client) error {
	if _, err := fmt.Fprintf(c.conn, "POST /?upload HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n", r.target.serverName); err != nil {
		return phase("send", err)
	}
	body, block, sent := httputil.NewChunkedWriter(c.conn), make([]byte, blockSize), int64(0)
	for r.rest(r.pause / 2) {
		begun := time.Now()
		_ = c.conn.SetDeadline(begun.Add(r.target.timeout))
		if _, err := body.Write(numbered(block, sent/blockSize)); err != nil {
			return phase("send", err)
		}
		sent += blockSize
		r.got("upload", 0, time.Since(begun))
	}
	_ = c.conn.SetDeadline(time.Now().Add(r.target.timeout))
	if _, err := io.WriteString(c.conn, "0\r\n\r\n"); err != nil {
		return phase("send", err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return phase("receive", err)
	}
	var good int64
	if _, err := fmt.Fscan(response.Body, &good); err != nil || response.StatusCode != http.StatusOK || good != sent {
		return fmt.Errorf("send:%d-bytes-wrong", sent-good)
	}
	r.bytes.Add(good)
	return nil
}

// overWebSocket turns the connection into a WebSocket, and talks.
func overWebSocket(r *streamsRun, c *client) error {
	socket, err := r.target.upgrade(c, time.Now().Add(r.target.timeout))
	if err != nil {
		return err
	}
	exchange := func(message []byte, deadline time.Time) error { return exchangeMessage(socket, message, deadline) }
	return r.talk("websocket", exchange, func() { _ = socket.CloseNow() })
}

// talk sends a numbered message after each pause, and gets it back.
func (r *streamsRun) talk(kind string, exchange func(message []byte, deadline time.Time) error, end func()) error {
	for number := 0; r.rest(r.pause); number++ {
		begun := time.Now()
		message := fmt.Appendf(nil, "%0*d", messageSize, number)
		if err := exchange(message, begun.Add(r.target.timeout)); err != nil {
			return err
		}
		r.got(kind, len(message), time.Since(begun))
	}
	end()
	return nil
}

// openGRPC opens a connection of its own for one stream. The first message names the backend's peer.
func openGRPC(r *streamsRun) (*openStream, error) {
	secrecy := insecure.NewCredentials()
	if r.target.secure {
		secrecy = credentials.NewTLS(&tls.Config{ServerName: r.target.serverName, InsecureSkipVerify: true})
	}
	conn, err := grpc.NewClient("passthrough:///"+r.target.address, grpc.WithTransportCredentials(secrecy), grpc.WithAuthority(r.target.serverName), grpc.WithNoProxy())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	closeAll := func() { cancel(); conn.Close() }
	stream, err := conn.NewStream(ctx, &talkStream, talkMethod)
	if err != nil {
		closeAll()
		return nil, errors.New("connect:" + status.Code(err).String())
	}
	exchange := func(message string, deadline time.Time) (string, error) {
		late := time.AfterFunc(time.Until(deadline), cancel)
		defer late.Stop()
		answer := &wrapperspb.StringValue{}
		_ = stream.SendMsg(wrapperspb.String(message)) // RecvMsg says why it failed
		if err := stream.RecvMsg(answer); err != nil {
			return "", errors.New("receive:" + status.Code(err).String())
		}
		return answer.Value, nil
	}
	peer, err := exchange("", time.Now().Add(r.target.timeout))
	if err != nil {
		closeAll()
		return nil, err
	}
	carry := func() error {
		return r.talk("grpc", func(message []byte, deadline time.Time) error {
			back, err := exchange(string(message), deadline)
			if err == nil && back != string(message) {
				err = errors.New("receive:another-message")
			}
			return err
		}, func() { _ = stream.CloseSend() })
	}
	return &openStream{peer, carry, closeAll}, nil
}
