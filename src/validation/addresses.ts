// checks of IP addresses and networks; ipaddr.js parses them
import * as ipaddr from 'ipaddr.js';
import type { Problem } from './problem';

/** The IP family of an address. */
export type Family = 'ipv4' | 'ipv6';

const LOOPBACK = ['127.0.0.1', '::1'];

/** Ranges with no address of a single machine. */
const UNUSABLE: { readonly [range: string]: string } = {
  unspecified: 'the unspecified address',
  loopback: 'a loopback address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
  ipv4Mapped: 'an IPv4-mapped address',
};

/** Checks the address of one machine: IPv4 in four decimal parts, or IPv6 without a zone. */
export function checkAddress(what: string, text: string): Problem[] {
  const address = parse(text);
  if (!address) {
    return [{
      code: 'address-invalid',
      what: `${what} is not an IP address`,
      got: text,
      fix: 'expected one address without prefix length or zone, such as 192.0.2.10 or 2001:db8::10',
    }];
  }
  const unusable = UNUSABLE[address.range()];
  return unusable === undefined ? [] : [{
    code: 'address-unusable',
    what: `${what} is ${unusable}`,
    got: text,
    fix: 'give an address that one machine on the network can have',
  }];
}

/** Checks an address of this family. */
export function checkAddressOf(family: Family, what: string, text: string): Problem[] {
  const problems = checkAddress(what, text);
  if (problems.length > 0 || familyOf(text) === family) {
    return problems;
  }
  const wanted = family === 'ipv4' ? 'IPv4' : 'IPv6';
  return [{
    code: 'address-family',
    what: `${what} is not an ${wanted} address`,
    got: text,
    fix: `expected an ${wanted} address`,
  }];
}

/** Checks a loopback address. keepalived's checker knows no other: it looks for listeners at 127.0.0.1, at ::1 and at all addresses. */
export function checkLoopback(what: string, text: string): Problem[] {
  return parse(text) !== undefined && LOOPBACK.includes(canonicalAddress(text)) ? [] : [{
    code: 'address-not-loopback',
    what: `${what} is not a loopback address`,
    got: text,
    fix: 'expected 127.0.0.1 or ::1',
  }];
}

/** Checks a network in CIDR form. Its host bits must be zero. */
export function checkCidr(what: string, text: string): Problem[] {
  const network = parseNetwork(text);
  if (!network) {
    return [{
      code: 'cidr-invalid',
      what: `${what} is not a CIDR`,
      got: text,
      fix: 'expected a network and its prefix length, such as 192.0.2.0/24 or 2001:db8::/64',
    }];
  }
  if (parse(text.split('/')[0])?.range() === 'ipv4Mapped') {
    return [{
      code: 'cidr-invalid', what: `${what} has IPv4-mapped addresses, which no client has`, got: text, fix: 'give the IPv4 network, such as 192.0.2.0/24',
    }];
  }
  return network.written === network.base ? [] : [{
    code: 'cidr-host-bits',
    what: `${what} has host bits set`,
    got: text,
    fix: `did you mean the network ${network.base} or the one address ${network.host}?`,
  }];
}

/** The family of a valid address. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** The one form of an address to compare: `2001:DB8:0::1` and `2001:db8::1` are the same address. */
export function canonicalAddress(address: string): string {
  return familyOf(address) === 'ipv4' ? address : ipaddr.IPv6.parse(address).toRFC5952String();
}

/** The same for a valid network. */
export function canonicalCidr(cidr: string): string {
  const [address, prefix] = cidr.split('/');
  return `${canonicalAddress(address)}/${prefix}`;
}

/** The bytes of an address, in network order. */
export function addressBytes(address: string): number[] {
  return ipaddr.parse(address).toByteArray();
}

/** Prefix length of a single address. */
export function hostPrefix(address: string): 32 | 128 {
  return familyOf(address) === 'ipv4' ? 32 : 128;
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return ipaddr.IPv4.parse(text);
  }
  const ipv6 = text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text);
  return ipv6 ? ipaddr.IPv6.parse(text) : undefined;
}

function parseNetwork(text: string): { written: string; base: string; host: string } | undefined {
  const [address, prefix, ...rest] = text.split('/');
  const parsed = parse(address);
  const isPrefix = /^(0|[1-9][0-9]{0,2})$/.test(prefix ?? '') && Number(prefix) <= hostPrefix(address);
  if (!parsed || !isPrefix || rest.length > 0) {
    return undefined;
  }
  const base = (parsed instanceof ipaddr.IPv4 ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(text);
  return {
    written: `${canonicalAddress(address)}/${prefix}`,
    base: `${canonicalAddress(base.toString())}/${prefix}`,
    host: `${canonicalAddress(address)}/${hostPrefix(address)}`,
  };
}
