// what differs between IPv4 and IPv6, and which nodes take part in each
import type { HandoverModel, HandoverNode } from './model';
import { familyOf } from '../../validation/addresses';

/** What differs between the families. */
export interface Family {
  readonly name: 'ipv4' | 'ipv6';
  readonly table: 'ip' | 'ip6';
  readonly address: string;
  /** What tells one connection from another. */
  readonly connection: string;
  readonly echo: string;
  readonly echoReply: string;
  readonly hops: string;
  readonly dscp: string;
}

/** Both, in the order of the tables. */
export const FAMILIES: Family[] = [
  {
    name: 'ipv4',
    table: 'ip',
    address: 'ipv4_addr',
    connection: 'ip saddr . tcp sport . ip daddr . tcp dport',
    echo: 'icmp type { echo-request, echo-reply }',
    echoReply: 'icmp type echo-reply',
    hops: 'ip ttl',
    dscp: 'ip dscp',
  },
  {
    name: 'ipv6',
    table: 'ip6',
    address: 'ipv6_addr',
    connection: 'ip6 saddr . tcp sport . ip6 daddr . tcp dport',
    echo: 'icmpv6 type { echo-request, echo-reply }',
    echoReply: 'icmpv6 type echo-reply',
    hops: 'ip6 hoplimit',
    dscp: 'ip6 dscp',
  },
];

/** Another node. */
export interface Peer {
  /** Its place in the model, from 1 on: all nodes call it so. */
  readonly number: number;
  readonly address: string;
}

/** An order in which the nodes are asked for a connection, as this node sees it. */
export interface Slot {
  readonly number: number;
  /** Where a packet of a client may go, the best first. */
  readonly steps: (Peer | 'self')[];
  /** Where a packet of a peer may go: to the nodes that come after this one in the order. So packets cannot loop. */
  readonly after: Peer[];
}

/** A family in which this node can hand over. */
export interface NodeFamily {
  readonly family: Family;
  readonly addresses: string[];
  readonly peers: Peer[];
  readonly slots: Slot[];
}

/** The families in which a node can pass packets on. */
export function familiesOf(model: HandoverModel, node: HandoverNode): NodeFamily[] {
  const all = model.instances.flatMap(instance => instance.addresses);
  return FAMILIES
    .filter(({ name }) => node[name] !== undefined)
    .map(family => ({
      family,
      addresses: all.filter(address => familyOf(address) === family.name),
      peers: peersOf(model.nodes, model, node, family),
      slots: slotsOf(model, node, family),
    }))
    .filter(({ addresses, peers }) => addresses.length > 0 && peers.length > 0);
}

function slotsOf(model: HandoverModel, node: HandoverNode, family: Family): Slot[] {
  return ordersOf(model).map((order, index) => {
    const position = order.indexOf(node);
    const before = peersOf(order.slice(0, position), model, node, family);
    const after = peersOf(order.slice(position), model, node, family);
    // without spreading, a new connection belongs to the node that gets it first
    return { number: index + 1, steps: model.spread ? [...before, 'self', ...after] : ['self', ...before, ...after], after };
  });
}

/**
 * Without spreading, there is one order: that of the model. Otherwise there are two for each node, which begin with it and go round
 * all nodes, forwards and backwards: two neighbours share the connections of a dead node.
 */
export function ordersOf({ nodes, spread }: HandoverModel): HandoverNode[][] {
  const ring = (first: number, step: number) => nodes.map((_, index) => nodes[(first + step * index + nodes.length) % nodes.length]);
  return spread ? [1, -1].flatMap(step => nodes.map((_, first) => ring(first, step))) : [nodes];
}

function peersOf(order: HandoverNode[], { nodes }: HandoverModel, node: HandoverNode, { name }: Family): Peer[] {
  return order.filter(peer => peer !== node).flatMap(peer => {
    const address = peer[name];
    return address === undefined ? [] : [{ number: nodes.indexOf(peer) + 1, address }];
  });
}
