// asks the pods of an edge that runs: who holds an address, what the health checks say, and how many connections are left
import type { Asked } from './gather';
import { Kubectl } from './kubectl';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { isPodOf, MAINTENANCE } from '../edge/workload';
import { ClusterFacts, ConnectionsLeft, KeepalivedFacts } from '../facts';

const isRunning = (pod: KubeObject, container: string) => (pod.status?.containerStatuses ?? [])
  .some(({ name, state }: KubeObject) => name === container && state?.running !== undefined);

const isEnding = ({ metadata }: KubeObject) => metadata.deletionTimestamp !== undefined;

const inContainer = ({ metadata }: KubeObject, container: string, script: string) =>
  ['exec', '-n', metadata.namespace!, metadata.name, '-c', container, '--', 'sh', '-c', script];

/** Prints each file with its first word. */
const STATES = 'cd /run/keepalived && for file in *.state *.sick; do [ ! -f "$file" ] || echo "$file $(cat "$file")"; done';

/** Reads the states that keepalived has written, and the verdicts of its checkers. */
export async function askKeepalived({ virtualIps }: Edge, pods: readonly KubeObject[], kubectl: Kubectl, asked: Asked): Promise<KeepalivedFacts[]> {
  const questions = virtualIps.flatMap(({ workload }) => pods
    .filter(pod => isPodOf(workload, pod) && !isEnding(pod) && isRunning(pod, 'keepalived'))
    .map(async pod => {
      const node: string = pod.spec.nodeName;
      const output = await asked<string | undefined>(`keepalived on ${node}`, undefined, () => kubectl.run(inContainer(pod, 'keepalived', STATES)));
      return { namespace: workload.namespace, workload: workload.name, node, ...output === undefined ? { checks: {} } : statesIn(output) };
    }));
  return Promise.all(questions);
}

/** Reads lines such as `vip.state MASTER` and `front.sick 0`. */
export function statesIn(output: string): Pick<KeepalivedFacts, 'states' | 'checks'> {
  const files = output.trim().split('\n').map(line => line.split(' '));
  const of = (ending: string) => files.filter(([file]) => file.endsWith(ending)).map(([file, value]) => [file.slice(0, -ending.length), value]);
  return { states: Object.fromEntries(of('.state')), checks: Object.fromEntries(of('.sick').map(([name, sick]) => [name, sick === '0'])) };
}

/**
 * Counts connections in state 01, ESTABLISHED, to the ports of pods on nodes in maintenance, and of pods that end without a successor.
 * On the host network these are all connections of the node: those of a successor would count as left.
 */
export async function countConnections(
  { workloads }: Edge, { nodes, pods }: Pick<ClusterFacts, 'nodes' | 'pods'>, kubectl: Kubectl, asked: Asked,
): Promise<ConnectionsLeft[]> {
  const inMaintenance = nodes.filter(({ metadata }) => MAINTENANCE in (metadata.labels ?? {})).map(({ metadata }) => metadata.name);
  const questions = workloads.filter(({ hostPorts }) => hostPorts.length > 0).flatMap(workload => {
    const own = pods.filter(pod => isPodOf(workload, pod));
    const followed = own.filter(pod => !isEnding(pod)).map(({ spec }) => spec.nodeName);
    const left = own.filter(pod => inMaintenance.includes(pod.spec.nodeName) || (isEnding(pod) && !followed.includes(pod.spec.nodeName)));
    return left.map(async (pod): Promise<ConnectionsLeft[]> => {
      const container = (pod.spec.containers as { name: string }[]).map(({ name }) => name).find(name => isRunning(pod, name));
      if (container === undefined) {
        return [];
      }
      const node: string = pod.spec.nodeName;
      const count = await asked<string | undefined>(`connections on ${node}`, undefined, () => kubectl.run(inContainer(pod, container, countScript(workload.hostPorts))));
      return count === undefined ? [] : [{ node, pod: pod.metadata.name, count: Number(count) }];
    });
  });
  return (await Promise.all(questions)).flat();
}

function countScript(ports: readonly number[]): string {
  const hex = ports.map(port => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
  return `cat /proc/net/tcp /proc/net/tcp6 | grep -cE ":(${hex}) [0-9A-F]+:[0-9A-F]+ 01 " || true`;
}
