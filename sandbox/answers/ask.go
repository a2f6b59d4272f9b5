package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
)

const (
	etherARP  = 0x0806
	etherIPv6 = 0x86dd
)

// The machine that asks. It does not exist, and a veth interface delivers the answers to the packet sockets all the same.
var (
	ownHardware = net.HardwareAddr{0x02, 0, 0, 0, 0, 0x51}
	ownIPv4     = netip.MustParseAddr("192.0.2.51")
	ownIPv6     = netip.MustParseAddr("2001:db8::51")
)

type question struct {
	address netip.Addr
	frame   []byte
}

// asker has a packet socket for each protocol.
type asker struct {
	device    int
	arp, ipv6 int
}

func newAsker(device string) (*asker, error) {
	found, err := net.InterfaceByName(device)
	if err != nil {
		return nil, err
	}
	asker := &asker{device: found.Index}
	for protocol, fd := range map[uint16]*int{etherARP: &asker.arp, etherIPv6: &asker.ipv6} {
		if *fd, err = syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, int(networkOrder(protocol))); err != nil {
			return nil, err
		}
		if err := syscall.Bind(*fd, &syscall.SockaddrLinklayer{Protocol: networkOrder(protocol), Ifindex: found.Index}); err != nil {
			return nil, err
		}
	}
	return asker, nil
}

func (a *asker) ask(question question) {
	fd := a.arp
	if question.address.Is6() {
		fd = a.ipv6
	}
	_ = syscall.Sendto(fd, question.frame, 0, &syscall.SockaddrLinklayer{Ifindex: a.device})
}

// listen calls the function for each answer, until the program ends.
func (a *asker) listen(answered func(netip.Addr, net.HardwareAddr)) {
	for _, fd := range []int{a.arp, a.ipv6} {
		go func() {
			buffer := make([]byte, 256)
			for {
				n, _, err := syscall.Recvfrom(fd, buffer, 0)
				if err != nil {
					continue
				}
				if address, ok := answerIn(buffer[:n]); ok {
					answered(address, append(net.HardwareAddr{}, buffer[6:12]...))
				}
			}
		}()
	}
}

// answerIn returns the address of an ARP reply or a neighbour advertisement to this machine.
func answerIn(frame []byte) (netip.Addr, bool) {
	if len(frame) < 42 || string(frame[:6]) != string(ownHardware) {
		return netip.Addr{}, false
	}
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherARP:
		const reply = 2
		return netip.AddrFrom4([4]byte(frame[28:32])), binary.BigEndian.Uint16(frame[20:]) == reply
	case etherIPv6:
		const icmp, advertisement = 58, 136
		if len(frame) < 78 || frame[20] != icmp || frame[54] != advertisement {
			return netip.Addr{}, false
		}
		return netip.AddrFrom16([16]byte(frame[62:78])), true
	}
	return netip.Addr{}, false
}

// frame is the question about an address.
func (a *asker) frame(address netip.Addr) []byte {
	if address.Is4() {
		return arpRequest(address.As4())
	}
	return neighbourSolicitation(address.As16())
}

func arpRequest(target [4]byte) []byte {
	frame := ethernet(net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, etherARP)
	frame = append(frame, 0, 1, 8, 0, 6, 4, 0, 1)
	frame = append(append(frame, ownHardware...), ownIPv4.AsSlice()...)
	return append(append(frame, make([]byte, 6)...), target[:]...)
}

// neighbourSolicitation goes to the multicast address that ends with the last three bytes of the target: RFC 4861, 4.3.
func neighbourSolicitation(target [16]byte) []byte {
	group := netip.MustParseAddr("ff02::1:ff00:0").As16()
	copy(group[13:], target[13:])
	message := append([]byte{135, 0, 0, 0, 0, 0, 0, 0}, target[:]...)
	message = append(append(message, 1, 1), ownHardware...)
	binary.BigEndian.PutUint16(message[2:], checksum(ownIPv6.AsSlice(), group[:], message))
	frame := ethernet(net.HardwareAddr{0x33, 0x33, group[12], group[13], group[14], group[15]}, etherIPv6)
	frame = append(frame, 0x60, 0, 0, 0, 0, byte(len(message)), 58, 255)
	frame = append(append(frame, ownIPv6.AsSlice()...), group[:]...)
	return append(frame, message...)
}

func ethernet(to net.HardwareAddr, protocol uint16) []byte {
	return binary.BigEndian.AppendUint16(append(append([]byte{}, to...), ownHardware...), protocol)
}

// checksum is that of ICMPv6, with its pseudo-header: RFC 8200, 8.1.
func checksum(from, to, message []byte) uint16 {
	sum := uint32(len(message)) + 58
	for _, part := range [][]byte{from, to, message} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func networkOrder(protocol uint16) uint16 { return protocol<<8 | protocol>>8 }
