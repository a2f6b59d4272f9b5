package main

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"time"
)

// abused runs one kind of abuse against a backend without TLS, or with it, for a while.
func abused(t *testing.T, kind string) abuseReport {
	run := &abuseRun{target: serving(t, asItIs)}
	run.target.secure = false
	run.waits, run.text = abuses[kind].waits, abuses[kind].says(&run.target)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	run.all(ctx, 4, 200*time.Millisecond)
	return run.report()
}

func TestAbuseOfEveryKindReportsHowItEnds(t *testing.T) {
	for kind, how := range abuses {
		report := abused(t, kind)
		ended := (&tally{counts: report.Failed}).sum()
		switch {
		case len(report.Clients) > 0:
			t.Errorf("%s was answered: %+v", kind, report)
		case how.waits && (report.Opened != 4 || report.Silent != 4 || ended > 0):
			t.Errorf("%s: %+v", kind, report)
		case !how.waits && (report.Opened < 4 || ended < 4 || report.Silent > 0):
			t.Errorf("%s: %+v", kind, report)
		}
	}
}

func TestHalfAHandshakeIsTheBeginningOfAWholeOne(t *testing.T) {
	hello := clientHello("shop.example.com")
	if len(hello) < 200 || hello[0] != 22 || !bytes.Contains(hello, []byte("shop.example.com")) {
		t.Errorf("%d bytes: %x", len(hello), hello)
	}
	if got := len(hugeHeader()); got != 16+0xffff {
		t.Errorf("a header of %d bytes", got)
	}
}

func TestSynPacketsHaveTheRightChecksum(t *testing.T) {
	packet := synPacket(netip.MustParseAddrPort("192.0.2.209:1024"), netip.MustParseAddrPort("192.0.2.100:443"), 7)
	pseudo := append(append([]byte{}, packet[12:20]...), 0, 6, 0, 24)
	if sum := checksum(append(pseudo, packet[20:]...)); len(packet) != 44 || sum != 0 {
		t.Errorf("%d bytes, checksum is off by %x", len(packet), sum)
	}
	network := netip.MustParsePrefix("192.0.2.208/30")
	for range 100 {
		if one := anyOf(network); one != netip.MustParseAddr("192.0.2.209") && one != netip.MustParseAddr("192.0.2.210") {
			t.Errorf("%s is not of the network", one)
		}
	}
}
