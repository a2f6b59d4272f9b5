// HandoverModel → the nftables text that keeps a node silent about addresses that its keepalived does not hold
import { TextWriter } from '../text-writer';
import type { HandoverInstance, HandoverModel, HandoverNode } from './model';
import { writeChain, writeRemoval, writeSet } from './nft';
import { addressBytes } from '../../validation/addresses';

/** A backup takes over after three advert intervals and less than one more: until then, this node has the addresses. */
const INTERVALS = 3.5;

/** A set can be asked only about a packet. This is 0 for all of them, which makes a set with one element a flag. */
const ANY = 'numgen inc mod 1';

/**
 * The tables of one node; loading the text replaces them in one step.
 *
 * ARP requests and neighbour solicitations for an address are dropped unless keepalived has sent an advert of its instance lately. A
 * keepalived that was killed or stopped leaves its addresses on the interface, but the node says nothing about them. The rules work
 * only while the lease lasts, so that what a killed container leaves cannot silence a keepalived with another configuration.
 *
 * Tables of the families ip and netdev share no sets: a copy of each advert goes to `lo`, and the table that sees ARP sees it there.
 * It must not look for adverts on the interface itself: they never get there while no peer answers ARP.
 */
export function renderSilence({ name, instances }: HandoverModel, { networkInterface }: HandoverNode): string {
  const out = new TextWriter();
  const table = `${name}-silence`;
  const routers = instances.map(instance => instance.virtualRouterId);
  out.line(`# silence of ${name}, written by cdk8s-istio-edge: change the construct, not this text`);
  writeRemoval(out, ['ip', 'ip6', 'netdev'], table);
  [['ip', 'ip protocol', '127.0.0.1'], ['ip6', 'ip6 nexthdr', '::1']].forEach(([family, protocol, loopback]) => {
    out.block(`table ${family} ${table} {`, () => writeChain(out, 'adverts', [
      'type filter hook output priority -150',
      `oifname "${networkInterface}" ${protocol} 112 @th,8,8 { ${routers.join(', ')} } dup to ${loopback} device "lo"`,
    ]), '}');
  });
  out.block(`table netdev ${table} {`, () => {
    writeSet(out, 'lease', `typeof ${ANY}`, 'size 1');
    instances.forEach(({ virtualRouterId, advertMs }) => (
      writeSet(out, `holds${virtualRouterId}`, `typeof ${ANY}`, `timeout ${Math.round(INTERVALS * advertMs)}ms`, 'size 1')));
    writeChain(out, 'copies', [
      'type filter hook egress device "lo" priority 0',
      ...['ip protocol', 'ip6 nexthdr'].flatMap(protocol => routers.map(router => `${protocol} 112 @th,8,8 ${router} goto advert${router}`)),
    ]);
    instances.forEach(({ virtualRouterId }) => writeChain(out, `advert${virtualRouterId}`, [
      '# a priority of 0 gives the addresses up',
      `@th,16,8 != 0 update @holds${virtualRouterId} { ${ANY} }`,
      'drop',
    ]));
    writeChain(out, 'questions', [
      `type filter hook ingress device "${networkInterface}" priority 0`,
      ...instances.flatMap(questions),
    ]);
  }, '}');
  return out.toString();
}

function questions({ virtualRouterId, addresses }: HandoverInstance): string[] {
  return addresses.map(address => {
    const question = address.includes(':')
      // nft before 1.0.8 has no word for the target
      ? `icmpv6 type nd-neighbor-solicit @th,64,128 ${numberOf(address)}`
      : `arp operation request arp daddr ip ${address}`;
    return `${question} ${ANY} @lease ${ANY} != @holds${virtualRouterId} drop`;
  });
}

/** An address as one number. */
export function numberOf(address: string): string {
  return `0x${addressBytes(address).map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
}
