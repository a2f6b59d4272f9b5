package main

import "testing"

func TestUsageListsCommandsByName(t *testing.T) {
	some := map[string]command{"load": {about: "c"}, "backend": {about: "a"}, "probe": {about: "d"}, "grpc": {about: "b"}}
	want := "usage: labtool COMMAND [flags]\n  backend  a\n  grpc     b\n  load     c\n  probe    d\n"
	if got := usage(some); got != want {
		t.Errorf("got %q", got)
	}
}
