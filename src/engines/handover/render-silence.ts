// HandoverModel → the nftables text that keeps a node silent about addresses that its keepalived does not hold
import { TextWriter } from '../text-writer';
import type { HandoverInstance, HandoverModel, HandoverNode } from './model';
import { FLAG_SIZE, writeChain, writeRemoval, writeSet } from './nft';
import { addressBytes, familyOf } from '../../validation/addresses';

/** A backup takes over after three advert intervals and less than one more: until then, this node has the addresses. */
const INTERVALS = 3.5;

/** A set can be asked only about a packet. This is 0 for all of them, which makes a set with one element a flag. */
const ANY = 'numgen inc mod 1';

/** Adverts with an interval that this text does not know are those of another configuration. Its addresses are held for this long. */
const OTHER_INTERVAL = '2m';

/** Of VRRPv3: RFC 9568, 5.1. The first address follows. */
const HEADER_BITS = 64;

/**
 * The tables of one node; loading the text replaces them in one step.
 *
 * ARP requests and neighbour solicitations for an address are dropped unless keepalived has sent an advert of it lately. A keepalived
 * that was killed or stopped leaves its addresses on the interface, but the node says nothing about them. The rules stay when their
 * container is killed. They look for the address in the adverts and not for the VRID, so that they silence no other configuration.
 *
 * Tables of the families ip and netdev share no sets: a copy of each advert goes to `lo`, and the table that sees ARP sees it there.
 * It must not look for adverts on the interface itself: they never get there while no peer answers ARP.
 */
export function renderSilence({ name, instances }: HandoverModel, { networkInterface }: HandoverNode): string {
  const out = new TextWriter();
  const table = `${name}-silence`;
  out.line(`# silence of ${name}, written by cdk8s-istio-edge: change the construct, not this text`);
  writeRemoval(out, ['ip', 'ip6', 'netdev'], table);
  [['ip', 'ipv4', '127.0.0.1'], ['ip6', 'ipv6', '::1']].forEach(([tableFamily, family, loopback]) => {
    const advertised = instances.map(({ addresses: [first] }) => first).filter(address => familyOf(address) === family);
    if (advertised.length > 0) {
      out.block(`table ${tableFamily} ${table} {`, () => writeChain(out, 'adverts', [
        'type filter hook output priority -150',
        ...advertised.map(address => `oifname "${networkInterface}" ${advertOf(address)} dup to ${loopback} device "lo"`),
      ]), '}');
    }
  });
  out.block(`table netdev ${table} {`, () => {
    instances.forEach(({ virtualRouterId, advertMs }) => (
      writeSet(out, `holds${virtualRouterId}`, `typeof ${ANY}`, `timeout ${Math.round(INTERVALS * advertMs)}ms`, FLAG_SIZE)));
    writeChain(out, 'copies', [
      'type filter hook egress device "lo" priority 0',
      ...instances.map(({ virtualRouterId, addresses }) => `${advertOf(addresses[0])} goto advert${virtualRouterId}`),
    ]);
    instances.forEach(({ virtualRouterId, advertMs }) => writeChain(out, `advert${virtualRouterId}`, [
      '# a priority of 0 gives the addresses up',
      `@th,16,8 0 delete @holds${virtualRouterId} { ${ANY} } drop`,
      `@th,32,16 ${advertMs / 10} update @holds${virtualRouterId} { ${ANY} } drop`,
      `update @holds${virtualRouterId} { ${ANY} timeout ${OTHER_INTERVAL} } drop`,
    ]));
    writeChain(out, 'questions', [
      `type filter hook ingress device "${networkInterface}" priority 0`,
      ...instances.flatMap(questions),
    ]);
  }, '}');
  return out.toString();
}

/** Matches an advert of VRRPv3 whose first address is this one. */
function advertOf(address: string): string {
  return familyOf(address) === 'ipv6'
    ? `ip6 nexthdr 112 @th,${HEADER_BITS},128 ${numberOf(address)}`
    : `ip protocol 112 @th,${HEADER_BITS},32 ${numberOf(address)}`;
}

function questions({ virtualRouterId, addresses }: HandoverInstance): string[] {
  return addresses.map(address => {
    const question = familyOf(address) === 'ipv6'
      // nft before 1.0.8 has no word for the target
      ? `icmpv6 type nd-neighbor-solicit @th,64,128 ${numberOf(address)}`
      : `arp operation request arp daddr ip ${address}`;
    return `${question} ${ANY} != @holds${virtualRouterId} drop`;
  });
}

/** An address as one number. */
export function numberOf(address: string): string {
  return `0x${addressBytes(address).map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
}
