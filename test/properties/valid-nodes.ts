// arbitrary edge nodes and virtual addresses that fit each other
import * as fc from 'fast-check';
import * as any from './arbitraries';
import type { AddressPool } from './arbitraries';
import { EdgeNodes, VirtualAddress } from '../../src';
import type { EdgeNode } from '../../src';

export type NodesWish = ReturnType<typeof nodesWish> extends fc.Arbitrary<infer T> ? T : never;

/** What a case wants of its nodes: 1 to 8. */
export const nodesWish = () => fc.record({
  kind: fc.constantFrom('of', 'of', 'of', 'named', 'labeled'),
  family: fc.constantFrom('ipv4', 'ipv6', 'dual'),
  hostnames: fc.uniqueArray(any.dnsName(63), { minLength: 1, maxLength: 8 }),
  nodeNames: fc.option(fc.uniqueArray(any.dnsName(), { minLength: 8, maxLength: 8 }), { nil: undefined }),
  interfaces: fc.array(fc.option(any.networkInterface(), { nil: undefined }), { minLength: 8, maxLength: 8 }),
  everyInterface: fc.boolean(),
  priorities: fc.option(fc.uniqueArray(any.integer(1, 254), { minLength: 8, maxLength: 8 }), { nil: undefined }),
  labels: fc.dictionary(any.labelKey(), any.labelValue(), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  taints: fc.option(fc.uniqueArray(any.labelKey(), { maxLength: 3 }), { nil: undefined }),
});

export interface MadeNodes {
  readonly nodes: EdgeNodes;
  /** Families of the nodes' own addresses; undefined if they are not known. */
  readonly family?: 'ipv4' | 'ipv6' | 'dual';
  readonly hostnames: string[];
  readonly everyInterface: boolean;
  readonly hasPriorities: boolean;
  /** Characters of the longest node name: a seamless hand-over allows 240. */
  readonly longestName: number;
}

/** `least`: a virtual IP needs two nodes. */
export function makeNodes(wish: NodesWish, pool: AddressPool, least: number): MadeNodes {
  const more = ['edge-1', 'edge-2'].filter(name => !wish.hostnames.includes(name));
  const hostnames = [...wish.hostnames, ...more].slice(0, Math.max(wish.hostnames.length, least));
  const dedicated = (nodes: EdgeNodes) => wish.taints === undefined ? nodes : nodes.dedicated(...wish.taints);
  const unknown = { everyInterface: false, hasPriorities: false, longestName: 63 };
  if (wish.kind === 'labeled') {
    return { ...unknown, nodes: dedicated(EdgeNodes.labeled(wish.labels)), hostnames: [] };
  }
  if (wish.kind === 'named') {
    return { ...unknown, nodes: dedicated(EdgeNodes.named(...hostnames)), hostnames };
  }
  // a default node name can be the given one of another node
  const nodeNames = wish.nodeNames?.some(name => hostnames.includes(name)) ? undefined : wish.nodeNames;
  const list = hostnames.map((hostname, index): EdgeNode => ({
    hostname,
    address: wish.family === 'ipv6' ? pool.ipv6() : pool.ipv4(),
    ...(wish.family === 'dual' && { ipv6Address: pool.ipv6() }),
    ...(nodeNames && { nodeName: nodeNames[index] }),
    networkInterface: wish.interfaces[index] ?? (wish.everyInterface ? 'eth0' : undefined),
    ...(wish.priorities && { priority: wish.priorities[index] }),
  }));
  return {
    nodes: dedicated(EdgeNodes.of(...list)),
    family: wish.family,
    hostnames,
    everyInterface: list.every(node => node.networkInterface !== undefined),
    hasPriorities: wish.priorities !== undefined,
    longestName: Math.max(...list.map(({ hostname, nodeName = hostname }) => nodeName.length)),
  };
}

export type AddressWish = ReturnType<typeof addressWish> extends fc.Arbitrary<infer T> ? T : never;

export const addressWish = () => fc.record({
  vrid: fc.option(any.integer(1, 255), { nil: undefined }),
  networkInterface: fc.option(any.networkInterface(), { nil: undefined, freq: 2 }),
  preferred: fc.option(fc.nat({ max: 7 }), { nil: undefined, freq: 2 }),
  paired: fc.boolean(),
});

/** 1 to 16 virtual addresses: wishes, and what they share. */
export const addressWishes = () => fc.record({
  ipv6: fc.boolean(),
  wishes: fc.array(addressWish(), { minLength: 1, maxLength: 16 }),
});

/** Makes virtual addresses whose families and VRIDs fit. */
export class AddressMaker {
  private readonly vrids = new Set<number>();
  public readonly isIpv6: boolean;

  /** `reachesIpv6`: whether something on the nodes can answer on IPv6. */
  constructor(
    private readonly pool: AddressPool, private readonly made: MadeNodes, ipv6: boolean, private readonly reachesIpv6: boolean,
    private readonly places: { readonly interfaces: boolean; readonly pairs: boolean; readonly isPlain: boolean },
  ) {
    this.isIpv6 = made.family === 'ipv6' || (made.family !== 'ipv4' && ipv6 && reachesIpv6);
  }

  /** `isFirst`: an address that is added later must be on the interface of the nodes' own addresses, unless the hand-over is plain. */
  public make({ vrid, networkInterface, preferred, paired }: AddressWish, isFirst: boolean): VirtualAddress {
    const address = this.isIpv6 ? this.pool.ipv6() : this.pool.ipv4();
    const { hostnames, family } = this.made;
    const { isPlain } = this.places;
    const pairs = paired && !this.isIpv6 && this.reachesIpv6 && (isFirst ? this.places.pairs : isPlain || family === 'dual');
    const options = {
      ...(pairs && { ipv6Address: this.pool.ipv6() }),
      ...((isFirst ? this.places.interfaces : isPlain) && networkInterface !== undefined && { networkInterface }),
      ...(family !== undefined && preferred !== undefined && { preferredNode: hostnames[preferred % hostnames.length] }),
    };
    const wanted = vrid ?? VirtualAddress.of(address).vrid;
    const free = this.free(wanted);
    return VirtualAddress.of(address, { ...options, ...((vrid !== undefined || free !== wanted) && { vrid: free }) });
  }

  private free(wanted: number): number {
    let vrid = wanted;
    while (this.vrids.has(vrid)) vrid = vrid % 255 + 1;
    this.vrids.add(vrid);
    return vrid;
  }
}
