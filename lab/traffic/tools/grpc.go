package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	unaryMethod    = "/lab.Echo/Say"
	streamMethod   = "/lab.Echo/Repeat"
	talkMethod     = "/lab.Echo/Talk"
	streamMessages = 10
	streamPause    = 100 * time.Millisecond
)

// echoService is written by hand instead of generated, because its messages are a type of protobuf itself.
var echoService = grpc.ServiceDesc{
	ServiceName: "lab.Echo",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Say", Handler: say}},
	Streams:     []grpc.StreamDesc{repeatStream, talkStream},
}

var repeatStream = grpc.StreamDesc{StreamName: "Repeat", Handler: repeat, ServerStreams: true}

var talkStream = grpc.StreamDesc{StreamName: "Talk", Handler: answerAll, ServerStreams: true, ClientStreams: true}

// echoHandler serves gRPC on the port that serves HTTP.
func echoHandler() http.Handler {
	server := grpc.NewServer()
	server.RegisterService(&echoService, nil)
	return server
}

func isGRPC(r *http.Request) bool {
	return r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// say returns the message.
func say(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	message := &wrapperspb.StringValue{}
	return message, decode(message)
}

// repeat returns the message several times, with pauses.
func repeat(_ any, stream grpc.ServerStream) error {
	message := &wrapperspb.StringValue{}
	if err := stream.RecvMsg(message); err != nil {
		return err
	}
	for i := range streamMessages {
		if i > 0 {
			time.Sleep(streamPause)
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
	return nil
}

// answerAll returns every message until the client ends the stream. To an empty message it says from where the connection comes.
func answerAll(_ any, stream grpc.ServerStream) error {
	for {
		message := &wrapperspb.StringValue{}
		if err := stream.RecvMsg(message); err != nil {
			return ignoringEnd(err)
		}
		if message.Value == "" {
			message.Value = peerOf(stream.Context())
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
}

func ignoringEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
