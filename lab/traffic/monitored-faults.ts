// faults of an edge that Prometheus watches, each with the alerts that it must raise

import { dropAdverts } from './dropped-adverts';
import { load } from './measure';
import { after, run, sleep, until } from '../cluster/commands';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { MOST_CONNECTIONS } from '../variants/few-connections';

export interface MonitoredFault {
  readonly name: string;
  /** All of them must fire. Others may. */
  readonly alerts: string[];
  /** Seconds that an alert waits by design. @default - those of an outage */
  readonly patience?: number;
  /** Seconds for which an alert remembers the fault. @default 0 */
  readonly memory?: number;
  /** Returns the repair. */
  harm(edge: EdgeUnderTest): Promise<() => Promise<void>>;
}

/** Settings that docs/prerequisites.md asks for: without them, an alert says so. */
export const DOCUMENTED = { 'net.ipv4.tcp_migrate_req': '1', 'net.ipv4.tcp_tw_reuse': '1' };

const MOST_SECONDS = 300;
const NO_NODE = { 'lab/nowhere': 'yes' };

/** Moves of the address, one after the other. */
const MOVES = 5;

/** Moves come first: the alert about them looks back ten minutes, and some of the other faults move the address too. */
export const FAULTS: MonitoredFault[] = [
  {
    name: `${MOVES} moves`,
    alerts: ['IstioEdgeAddressMoves'],
    harm: async edge => {
      for (let move = 0; move < MOVES; move++) {
        const holder = await edge.holder();
        const mend = await stop(edge, [holder]);
        await after(() => sleep(2000), mend);
        await mend();
        await edge.settled();
      }
      return async () => undefined;
    },
  },
  {
    name: 'nodes do not hear each other',
    alerts: ['IstioEdgeAddressWithTwoHolders'],
    harm: dropAdverts,
  },
  {
    name: 'front proxy hangs',
    alerts: ['IstioEdgeFrontProxyDown', 'IstioEdgeListenerSick'],
    harm: async edge => stop(edge, [await edge.holder()]),
  },
  {
    name: 'connections above 80 % of the limit',
    alerts: ['IstioEdgeConnectionsNearLimit'],
    harm: edge => connect(edge, MOST_CONNECTIONS - 4),
  },
  {
    name: 'more connections than the limit',
    alerts: ['IstioEdgeConnectionsNearLimit', 'IstioEdgeConnectionsRefused'],
    memory: 60,
    harm: edge => connect(edge, MOST_CONNECTIONS * 2),
  },
  {
    name: 'all front proxies hang',
    alerts: ['IstioEdgeAddressWithoutHolder'],
    harm: async edge => stop(edge, edge.nodes),
  },
  {
    name: 'keepalived on no node',
    alerts: ['IstioEdgeAddressWithoutHolder'],
    harm: async edge => {
      const vip = edge.workload('virtual-ip');
      const selected = (nodeSelector: { [label: string]: string | null }) => edge.cluster.kubectl([
        '-n', vip.metadata.namespace!, 'patch', 'daemonset', vip.metadata.name, '--patch', JSON.stringify({ spec: { template: { spec: { nodeSelector } } } }),
      ]);
      return after(async () => {
        await selected(NO_NODE);
        await until('keepalived has ended on all nodes', 30, async () => (await edge.cluster.holders(edge.example.address)).length === 0);
      }, async () => void await selected({ 'lab/nowhere': null }));
    },
  },
  { name: 'cable of the holder pulled', alerts: ['IstioEdgeFrontProxyDown'], harm: pullCable },
  // Prometheus waits until an update would have replaced the pod
  { name: 'cable of the holder pulled for longer', alerts: ['IstioEdgeKeepalivedDown'], patience: 20, harm: pullCable },
  {
    name: 'no gateway',
    alerts: ['IstioEdgeNoHealthyGateway'],
    harm: async edge => {
      const { metadata, spec } = edge.workload('gateway');
      const scale = (replicas: number) => edge.cluster.kubectl(['-n', metadata.namespace!, 'scale', `deployment/${metadata.name}`, `--replicas=${replicas}`]);
      await scale(0);
      return async () => void await scale(spec.replicas ?? 2);
    },
  },
  {
    name: 'a node loses a setting',
    alerts: ['IstioEdgeNodeSettings'],
    patience: 60,
    harm: async ({ nodes: [node] }) => {
      const set = (value: number) => run(node.inNetwork(['sysctl', '-qw', `net.ipv4.tcp_migrate_req=${value}`]));
      await set(0);
      return async () => void await set(1);
    },
  },
];

/** Stops the front proxies of nodes. */
async function stop(edge: EdgeUnderTest, nodes: Node[]): Promise<() => Promise<void>> {
  const processes = (await Promise.all(nodes.map(node => edge.frontProcesses(node)))).flat();
  processes.forEach(pid => kill(pid, 'SIGSTOP'));
  return async () => processes.forEach(pid => kill(pid, 'SIGCONT'));
}

async function pullCable(edge: EdgeUnderTest): Promise<() => Promise<void>> {
  const holder = await edge.holder();
  await holder.pullCable();
  return () => holder.plugCable();
}

/** Holds connections to the virtual IP; those that are refused try again. */
async function connect(edge: EdgeUnderTest, workers: number): Promise<() => Promise<void>> {
  const filling = load(edge.cluster, edge.target(), MOST_SECONDS, '--keep-alive', '--timeout', '1s', '--workers', String(workers), '--rate', String(workers));
  return async () => void await filling.end();
}
