package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// grpcReport is what `labtool grpc` prints.
type grpcReport struct {
	Unary    int            `json:"unary"`    // calls that were answered
	Streams  int            `json:"streams"`  // streams with every message
	SpreadMs float64        `json:"spreadMs"` // shortest time from a stream's first message to its last; near zero if a proxy buffers messages
	FailedBy map[string]int `json:"failedBy"`
}

// callGRPC calls both methods of the backend several times over one connection.
func callGRPC(arguments []string) error {
	flags := flag.NewFlagSet("grpc", flag.ExitOnError)
	var aim target
	aim.flags(flags, 30*time.Second)
	count := flags.Int("count", 10, "calls of each method")
	authority := authorityFlag(flags)
	if err := aim.parse(flags, arguments); err != nil {
		return err
	}
	if !aim.secure {
		return errors.New("expected --tls: HTTP/2 is agreed on in the TLS handshake")
	}
	encrypt, err := trusting(*authority)
	if err != nil {
		return err
	}
	report, err := callMany(encrypt, aim, *count)
	if err != nil {
		return err
	}
	return printJSON(report)
}

func callMany(encrypt *tls.Config, aim target, count int) (grpcReport, error) {
	encrypt.ServerName = aim.serverName
	conn, err := grpc.NewClient("passthrough:///"+aim.address, grpc.WithTransportCredentials(credentials.NewTLS(encrypt)), grpc.WithNoProxy())
	if err != nil {
		return grpcReport{}, err
	}
	defer conn.Close()
	const text = "from the lab"
	var failures tally
	report := grpcReport{SpreadMs: (streamMessages * streamPause).Seconds() * 1000}
	for range count {
		ctx, cancel := context.WithTimeout(context.Background(), aim.timeout)
		if err := callUnary(ctx, conn, text); err != nil {
			failures.add("unary:" + statusOf(err))
		} else {
			report.Unary++
		}
		if received, err := callStream(ctx, conn, text); err != nil {
			failures.add("stream:" + statusOf(err))
		} else {
			report.Streams++
			report.SpreadMs = min(report.SpreadMs, received[len(received)-1].Sub(received[0]).Seconds()*1000)
		}
		cancel()
	}
	report.FailedBy = failures.copy()
	return report, nil
}

// callUnary fails if the answer differs from the message.
func callUnary(ctx context.Context, conn *grpc.ClientConn, text string) error {
	answer := &wrapperspb.StringValue{}
	if err := conn.Invoke(ctx, unaryMethod, wrapperspb.String(text), answer); err != nil {
		return err
	}
	if answer.Value != text {
		return fmt.Errorf("another message: %q", answer.Value)
	}
	return nil
}

// callStream returns the time of each message. It fails if a message differs from the one sent, or if one is missing.
func callStream(ctx context.Context, conn *grpc.ClientConn, text string) ([]time.Time, error) {
	stream, err := conn.NewStream(ctx, &repeatStream, streamMethod)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(stream.SendMsg(wrapperspb.String(text)), stream.CloseSend()); err != nil {
		return nil, err
	}
	var received []time.Time
	for {
		answer := &wrapperspb.StringValue{}
		err := stream.RecvMsg(answer)
		switch {
		case errors.Is(err, io.EOF) && len(received) == streamMessages:
			return received, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("%d messages", len(received))
		case err != nil:
			return nil, err
		case answer.Value != text:
			return nil, fmt.Errorf("another message: %q", answer.Value)
		}
		received = append(received, time.Now())
	}
}

// statusOf names a failure: the status of a call, with its message, or our own error.
func statusOf(err error) string {
	if known, ok := status.FromError(err); ok {
		return known.Code().String() + " " + known.Message()
	}
	return err.Error()
}
