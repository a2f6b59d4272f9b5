package main

import (
	"errors"
	"testing"
	"time"
)

// shotsOf makes a probe every 10 ms from a line such as "..xx.": a dot is answered in 1 ms, an x fails in 5 ms.
func shotsOf(line string) []shot {
	begin := time.Unix(1000, 0)
	var shots []shot
	for i, mark := range line {
		taken := shot{begun: begin.Add(time.Duration(i) * 10 * time.Millisecond), pod: "a"}
		taken.ended = taken.begun.Add(time.Millisecond)
		if mark == 'x' {
			taken.err, taken.ended = errors.New("connect:refused"), taken.begun.Add(5*time.Millisecond)
		}
		shots = append(shots, taken)
	}
	return shots
}

func TestOutages(t *testing.T) {
	for _, c := range []struct {
		line    string
		seconds []float64
		open    bool
	}{
		{line: "....."},
		{"..x..", []float64{0.011}, false},                      // until the end of the good probe at +10 ms
		{"..xxx..", []float64{0.031}, false},                    //
		{".x.x...", []float64{0.031}, false},                    // flapping: one outage
		{".x......x..", []float64{0.011, 0.011}, false},         // 70 ms apart, beyond the 50 ms of the test
		{"..xx", []float64{0.015}, true},                        // has not ended: a lower bound
		{"xxxxxxxxxxxxxxxxxxxxxxxxx.", []float64{0.251}, false}, //
	} {
		found := judge(time.Unix(1000, 0), shotsOf(c.line), 50*time.Millisecond)
		if len(found.Outages) != len(c.seconds) {
			t.Fatalf("%s: %d outages, wanted %v", c.line, len(found.Outages), c.seconds)
		}
		for i, outage := range found.Outages {
			if outage.Seconds < c.seconds[i]-1e-6 || outage.Seconds > c.seconds[i]+1e-6 || outage.Open != c.open {
				t.Errorf("%s: got %+v, wanted %v s, open %v", c.line, outage, c.seconds[i], c.open)
			}
		}
	}
}

func TestAnswersAreCountedByPod(t *testing.T) {
	shots := shotsOf("..x.")
	shots[3].pod = "b"
	if found := judge(time.Unix(1000, 0), shots, 50*time.Millisecond); found.Pods["a"] != 2 || found.Pods["b"] != 1 || found.Bad != 1 {
		t.Errorf("got %+v", found)
	}
}
