// what differs between IPv4 and IPv6, and which nodes take part in each
import type { HandoverModel, HandoverNode } from './model';

/** What differs between the families. */
export interface Family {
  readonly table: 'ip' | 'ip6';
  readonly address: string;
  readonly echo: string;
  readonly echoReply: string;
  readonly hops: string;
  addressOf(node: HandoverNode): string | undefined;
}

/** Both, in the order of the tables. */
export const FAMILIES: Family[] = [
  {
    table: 'ip',
    address: 'ipv4_addr',
    echo: 'icmp type { echo-request, echo-reply }',
    echoReply: 'icmp type echo-reply',
    hops: 'ip ttl',
    addressOf: node => node.ipv4,
  },
  {
    table: 'ip6',
    address: 'ipv6_addr',
    echo: 'icmpv6 type { echo-request, echo-reply }',
    echoReply: 'icmpv6 type echo-reply',
    hops: 'ip6 hoplimit',
    addressOf: node => node.ipv6,
  },
];

/** Another node, in the order in which all nodes ask each other: the order of the model. */
export interface Peer {
  readonly number: number;
  readonly address: string;
  /** Comes after this node in that order. */
  readonly after: boolean;
}

/** A family in which this node can hand over. */
export interface NodeFamily {
  readonly family: Family;
  readonly addresses: string[];
  readonly peers: Peer[];
}

/** The families in which a node can pass packets on. */
export function familiesOf(model: HandoverModel, node: HandoverNode): NodeFamily[] {
  const position = model.nodes.indexOf(node);
  const all = model.instances.flatMap(instance => instance.addresses);
  return FAMILIES
    .map(family => ({
      family,
      addresses: all.filter(address => address.includes(':') === (family.table === 'ip6')),
      peers: model.nodes.flatMap((peer, index) => {
        const address = family.addressOf(peer);
        return peer === node || address === undefined ? [] : [{ number: index + 1, address, after: index > position }];
      }),
    }))
    .filter(({ family, addresses, peers }) => addresses.length > 0 && peers.length > 0 && family.addressOf(node) !== undefined);
}
