package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// maxMessage bounds a message that is echoed.
const maxMessage = 1 << 20

func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// echo returns every message until the client closes.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxMessage)
	for {
		kind, message, err := conn.Read(context.Background())
		if err != nil || conn.Write(context.Background(), kind, message) != nil {
			return
		}
	}
}

// upgrade turns a new connection, which may be TLS already, into a WebSocket.
func (t *target) upgrade(c *client, deadline time.Time) (*websocket.Conn, error) {
	_ = c.conn.SetDeadline(time.Time{}) // from here on the context has the deadline
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return c.conn, nil }}
	socket, response, err := websocket.Dial(ctx, "ws://"+t.address+t.path, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Host: t.serverName,
	})
	if err != nil && response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("status:%d", response.StatusCode)
	}
	if err != nil {
		return nil, phase("upgrade", err)
	}
	socket.SetReadLimit(maxMessage)
	return socket, nil
}

// exchangeMessage sends a message and reads its echo.
func exchangeMessage(socket *websocket.Conn, message []byte, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	if err := socket.Write(ctx, websocket.MessageText, message); err != nil {
		return phase("send", err)
	}
	kind, back, err := socket.Read(ctx)
	if err != nil {
		return phase("receive", err)
	}
	if kind != websocket.MessageText || !bytes.Equal(back, message) {
		return errors.New("receive:another-message")
	}
	return nil
}
