// what keepalived and the hand-over do on the nodes of a HandoverLab
import type { HandoverModel } from '../src/engines/handover/model';
import type { KeepalivedModel, LocalCheck, VrrpInstance } from '../src/engines/keepalived/model';

export const ADDRESSES = ['192.0.2.100', '192.0.2.101', '2001:db8::100'];
export const PORT = 443;
export const CHECK: LocalCheck = {
  name: 'proxy', address: '127.0.0.1', port: 340, path: '/healthz', intervalMs: 200, timeoutMs: 1_000, fall: 2, rise: 2,
};

/** Long enough for a machine whose processors are all taken: there must be no move that the test has not asked for. */
const ADVERT_MS = 400;

export const RUN_DIRECTORY = '/run/keepalived';

export interface HandoverLabOptions {
  readonly preempt?: boolean;
  /** Kernel settings of the nodes. */
  readonly settings?: string[];
  /** Whether all nodes serve the addresses. Then keepalived checks the health endpoint of each node. */
  readonly spread?: boolean;
  /** Whether the hand-over counts connections for metrics. */
  readonly counts?: boolean;
  /** @default 400 */
  readonly advertMs?: number;
}

/** The nodes `edge-1` (192.0.2.11, 2001:db8::11) and so on. */
export function handoverModel(ids: string[], { advertMs = ADVERT_MS, counts, spread }: HandoverLabOptions): HandoverModel {
  return {
    name: 'edge-vip',
    routingTable: 1_100,
    leaseSeconds: 6,
    lingerSeconds: 3600,
    nodes: ids.map((id, index) => ({ id, networkInterface: 'eth0', ipv4: `192.0.2.1${index + 1}`, ipv6: `2001:db8::1${index + 1}` })),
    ports: [PORT],
    instances: [
      { virtualRouterId: 100, advertMs, addresses: ['192.0.2.100', '2001:db8::100'] },
      { virtualRouterId: 101, advertMs, addresses: ['192.0.2.101'] },
    ],
    connectionsFile: counts ? `${RUN_DIRECTORY}/handover.connections` : undefined,
    spread: spread ? { runDirectory: RUN_DIRECTORY, checks: [CHECK.name], checkTimeoutMs: CHECK.timeoutMs } : undefined,
  };
}

/** The first node has the highest priority. */
export function keepalivedModel({ instances, nodes }: HandoverModel, { preempt, spread }: HandoverLabOptions): KeepalivedModel {
  return {
    name: 'edge-vip',
    instances: instances.map(({ virtualRouterId, advertMs, addresses }): VrrpInstance => ({
      name: `vip-${virtualRouterId}`,
      family: 'ipv4',
      virtualRouterId,
      advertCentiseconds: advertMs / 10,
      preempt: preempt ?? false,
      preemptDelaySeconds: 0,
      networkInterfaces: {},
      defaultNetworkInterface: 'eth0',
      addresses: addresses.filter(address => !address.includes(':')),
      excludedAddresses: addresses.filter(address => address.includes(':')),
      priorities: Object.fromEntries(nodes.map(({ id }, index) => [id, 250 - index])),
      defaultPriority: 250,
    })),
    checks: spread ? [CHECK] : [],
    nodes: nodes.map(({ id, ipv4 }) => ({ id, ipv4 })),
    runDirectory: RUN_DIRECTORY,
  };
}
