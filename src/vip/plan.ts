// props and tracked listeners → KeepalivedModel
import type { Duration } from 'cdk8s';
import type { KeepalivedVipProps } from './keepalived-vip-props';
import type { VirtualAddress } from './virtual-address';
import type { KeepalivedModel, LocalCheck, VrrpInstance, VrrpNode } from '../engines/keepalived/model';
import type { EdgeNode } from '../nodes/edge-nodes';
import type { HostHealthEndpoint } from '../nodes/host-listener';
import { familyOf } from '../validation/addresses';

/**
 * Priority of the first node; the second has one less. A preferred node needs a higher one.
 * It is high, because after three missed adverts a node waits (256 - priority) / 256 of an interval more before it takes over.
 */
const FIRST_PRIORITY = 250;
const PREFERRED_PRIORITY = 254;

/**
 * A proxy on the same node answers in milliseconds. The rest is for a node whose CPUs are all busy:
 * with 600 ms, all nodes gave up an address at once under such load.
 */
const DEFAULT_CHECK_TIMEOUT_MS = 1_000;

/** Default of `advertInterval`. */
export const DEFAULT_ADVERT_MS = 200;
const DEFAULT_PREEMPT_DELAY_SECONDS = 30;
/** Default of `checkInterval`. */
export const DEFAULT_CHECK_INTERVAL_MS = 200;

/** A tracked listener, with the name of its check. */
export interface TrackedListener {
  readonly name: string;
  readonly health: HostHealthEndpoint;
}

/** Makes the model of a virtual IP. */
export function planVip(name: string, props: KeepalivedVipProps, tracked: TrackedListener[]): KeepalivedModel {
  return {
    name,
    instances: props.virtualAddresses.map((address, index) => planInstance(address, index, props)),
    checks: tracked.map(listener => ({ name: listener.name, ...listener.health, ...planTimes(props) })),
    nodes: props.nodes.nodes.map(planNode),
    snippets: props.configurationSnippets,
    runDirectory: '/run/keepalived',
  };
}

/** Longest time until a dead or hung listener is detected. */
export function msToFail(props: KeepalivedVipProps): number {
  const { intervalMs, timeoutMs, fall } = planTimes(props);
  return Math.max(intervalMs * (fall + 1), intervalMs + timeoutMs);
}

/** Both families of a dual-stack address share one instance, so that they are always on the same node. */
function planInstance(virtual: VirtualAddress, index: number, props: KeepalivedVipProps): VrrpInstance {
  const nodes = props.nodes.nodes;
  const interfaces = planInterfaces(virtual, props);
  const carries = virtual.networkInterface;
  return {
    name: `vip-${virtual.address.replace(/[.:]/g, '-').replace(/-+$/, '')}`,
    family: familyOf(virtual.address),
    virtualRouterId: virtual.vrid,
    advertCentiseconds: (milliseconds(props.advertInterval) ?? DEFAULT_ADVERT_MS) / 10,
    preempt: preempts(props),
    preemptDelaySeconds: props.preemptDelay?.toSeconds({ integral: false }) ?? DEFAULT_PREEMPT_DELAY_SECONDS,
    ...interfaces,
    addressInterface: usedBy(nodes, interfaces).some(name => name !== carries) ? carries : undefined,
    addresses: [virtual.address],
    excludedAddresses: virtual.ipv6Address === undefined ? [] : [virtual.ipv6Address],
    priorities: Object.fromEntries(nodes.map((node, position) => [idOf(node), priority(node, position, virtual, index, props)])),
    defaultPriority: FIRST_PRIORITY,
  };
}

/** Whether a node with a higher priority takes an address back. */
function preempts({ preemptDelay, spread, virtualAddresses }: KeepalivedVipProps): boolean {
  return preemptDelay !== undefined || spread === true || virtualAddresses.some(({ preferredNode }) => preferredNode !== undefined);
}

type AdvertInterfaces = Pick<VrrpInstance, 'networkInterfaces' | 'defaultNetworkInterface'>;

/**
 * Adverts go over the interface that has the nodes' own addresses, even if another one carries the virtual address.
 * On another interface, the kernel drops them with rp_filter=1 and a node finds no peer with arp_ignore=1: every node becomes MASTER.
 */
function planInterfaces(virtual: VirtualAddress, { nodes: { nodes }, networkInterface }: KeepalivedVipProps): AdvertInterfaces {
  return {
    networkInterfaces: Object.fromEntries(nodes.flatMap(node => node.networkInterface === undefined ? [] : [[idOf(node), node.networkInterface]])),
    defaultNetworkInterface: networkInterface ?? nodes[0]?.networkInterface ?? virtual.networkInterface ?? '',
  };
}

/** The interfaces that send adverts. */
function usedBy(nodes: EdgeNode[], { networkInterfaces, defaultNetworkInterface }: AdvertInterfaces): string[] {
  return nodes.length === 0 ? [defaultNetworkInterface] : nodes.map(node => networkInterfaces[idOf(node)] ?? defaultNetworkInterface);
}

/** With spread, each address starts one node further in the list, unless it has a preferred node. */
function priority(node: EdgeNode, position: number, virtual: VirtualAddress, index: number, props: KeepalivedVipProps): number {
  const nodes = props.nodes.nodes;
  if (virtual.preferredNode !== undefined) {
    return node.hostname === virtual.preferredNode ? PREFERRED_PRIORITY : belowPreferred(ownPriority(node, position), virtual.preferredNode, nodes);
  }
  return props.spread ? Math.max(1, FIRST_PRIORITY - ((position - index) % nodes.length + nodes.length) % nodes.length) : ownPriority(node, position);
}

/** The node's own priority, lowered if necessary: it stays below the preferred node, and all other nodes keep their order. */
function belowPreferred(own: number, preferredNode: string, nodes: EdgeNode[]): number {
  const others = nodes.map((node, position) => node.hostname === preferredNode ? own : ownPriority(node, position));
  const above = new Set(others.filter(other => other > own));
  return Math.min(own, PREFERRED_PRIORITY - 1 - above.size);
}

function ownPriority(node: EdgeNode, position: number): number {
  return node.priority ?? Math.max(1, FIRST_PRIORITY - position);
}

function planNode(node: EdgeNode): VrrpNode {
  const ipv6 = node.ipv6Address ?? (familyOf(node.address) === 'ipv6' ? node.address : undefined);
  return { id: idOf(node), ...(familyOf(node.address) === 'ipv4' && { ipv4: node.address }), ...(ipv6 && { ipv6 }) };
}

/** When every check asks, and which answers decide. */
function planTimes(props: KeepalivedVipProps): Pick<LocalCheck, 'intervalMs' | 'timeoutMs' | 'fall' | 'rise'> {
  const intervalMs = milliseconds(props.checkInterval) ?? DEFAULT_CHECK_INTERVAL_MS;
  return {
    intervalMs,
    timeoutMs: milliseconds(props.checkTimeout) ?? Math.max(intervalMs, DEFAULT_CHECK_TIMEOUT_MS),
    fall: props.checkFall ?? 2,
    rise: props.checkRise ?? 2,
  };
}

/** Takes fractions too: the model is made before all props are checked, and another check reports them. */
function milliseconds(duration: Duration | undefined): number | undefined {
  return duration?.toMilliseconds({ integral: false });
}

function idOf(node: EdgeNode): string {
  return node.nodeName ?? node.hostname;
}
