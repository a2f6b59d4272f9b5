// KeepalivedModel → HandoverModel
import type { ConnectionSpread, HandoverModel } from '../engines/handover/model';
import type { KeepalivedModel, VrrpInstance } from '../engines/keepalived/model';
import type { HostListenerConfig } from '../nodes/host-listener';
import { LONGEST_DRAIN_TIMEOUT } from '../workload/durations';

/** How long the rules of a killed container work. It is longer than kubelet takes to start again. */
const LEASE_SECONDS = 120;

/** Numbers of routing tables, one for each VRID and family. Linux itself uses 253 to 255, and CNI plugins numbers below 2,100. */
const FIRST_ROUTING_TABLE = 11_000;
const IPV6_ROUTING_TABLES = 256;

/** What a hand-over does besides keeping connections open. */
export interface HandoverWishes {
  /** Whether it counts connections for metrics. */
  readonly counts: boolean;
  /** Whether all nodes serve the addresses. */
  readonly spreads: boolean;
}

/**
 * Makes the model of the hand-over, for nodes whose addresses are known.
 *
 * The order of the nodes is that of their ids, whatever a user's list has: during a rollout, nodes with the old list and
 * nodes with the new one must agree on it.
 */
export function planHandover(namespace: string, vip: KeepalivedModel, tracked: HostListenerConfig[], wanted: HandoverWishes): HandoverModel {
  const { name, instances, nodes, runDirectory } = vip;
  return {
    // a node can have virtual IPs of the same name from several namespaces; an nft name begins with a letter and is not a keyword of nft
    name: `handover.${namespace}.${name}`,
    routingTable: FIRST_ROUTING_TABLE + Math.min(...instances.map(routerNumber)),
    leaseSeconds: LEASE_SECONDS,
    lingerSeconds: LONGEST_DRAIN_TIMEOUT.toSeconds(),
    nodes: [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)).map(node => ({ ...node, networkInterface: interfaceOf(instances[0], node.id) })),
    ports: handedOverPorts(tracked),
    instances: instances.map(({ virtualRouterId, advertCentiseconds, addresses, excludedAddresses }) => ({
      virtualRouterId, advertMs: advertCentiseconds * 10, addresses: [...addresses, ...excludedAddresses],
    })),
    connectionsFile: wanted.counts ? `${runDirectory}/handover.connections` : undefined,
    spread: wanted.spreads ? planSpread(vip) : undefined,
  };
}

function planSpread({ runDirectory, checks }: KeepalivedModel): ConnectionSpread {
  return { runDirectory, checks: checks.map(check => check.name), checkTimeoutMs: Math.max(0, ...checks.map(check => check.timeoutMs)) };
}

/** Ports on which a tracked listener answers clients: not those on loopback. */
export function handedOverPorts(tracked: HostListenerConfig[]): number[] {
  const ports = tracked.flatMap(({ hostPorts }) => hostPorts.filter(({ address }) => address === undefined).map(({ port }) => port));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** A VRID must be unique within its IP family. */
function routerNumber({ family, virtualRouterId }: VrrpInstance): number {
  return virtualRouterId + (family === 'ipv6' ? IPV6_ROUTING_TABLES : 0);
}

function interfaceOf({ networkInterfaces, defaultNetworkInterface }: VrrpInstance, nodeId: string): string {
  return networkInterfaces[nodeId] ?? defaultNetworkInterface;
}
