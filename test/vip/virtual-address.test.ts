import { messageOf } from '../../sandbox/synth';
import { VirtualAddress } from '../../src';

test.each([
  ['192.0.2.100', 100], ['192.0.2.0', 255], ['192.0.2.255', 255], ['10.0.1.1', 1],
  ['2001:db8::100', 0x100 % 255 + 1], ['2001:db8::', 1], ['2001:db8::ffff', 1],
])('%s has router id %d of its own', (address, vrid) => expect(VirtualAddress.of(address).vrid).toBe(vrid));

test('takes another router id', () => expect(VirtualAddress.of('192.0.2.100', { vrid: 7 }).vrid).toBe(7));
test('is written one way', () => expect(VirtualAddress.of('2001:DB8:0::1').address).toBe('2001:db8::1'));
test('knows all addresses that move together', () =>
  expect(VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:DB8::1' }).addresses).toEqual(['192.0.2.100', '2001:db8::1']));

test.each<[string, () => unknown, string]>([
  ['no address', () => VirtualAddress.of('edge'), 'address-invalid: virtual address is not an IP address, got "edge"'],
  ['a prefix length', () => VirtualAddress.of('192.0.2.100/24'), 'address-invalid'],
  ['the unspecified address', () => VirtualAddress.of('0.0.0.0'), 'address-unusable: virtual address is the unspecified address'],
  ['a loopback address', () => VirtualAddress.of('::1'), 'address-unusable'],
  ['a multicast address', () => VirtualAddress.of('224.0.0.18'), 'address-unusable'],
  ['an injected address', () => VirtualAddress.of('192.0.2.100\n}'), 'address-invalid'],
  ['VRID 0', () => VirtualAddress.of('192.0.2.100', { vrid: 0 }), 'vrid-out-of-range: vrid is out of range, got 0; expected a whole number from 1 to 255'],
  ['VRID 256', () => VirtualAddress.of('192.0.2.100', { vrid: 256 }), 'vrid-out-of-range'],
  ['IPv6 beside IPv6', () => VirtualAddress.of('2001:db8::1', { ipv6Address: '2001:db8::2' }), 'address-family'],
  ['IPv4 as IPv6', () => VirtualAddress.of('192.0.2.100', { ipv6Address: '192.0.2.101' }), 'address-family'],
  ['an invalid interface', () => VirtualAddress.of('192.0.2.100', { networkInterface: 'eth0;' }), 'interface-invalid'],
])('fails for %s', (_, action, expected) => expect(messageOf(action)).toContain(expected));
