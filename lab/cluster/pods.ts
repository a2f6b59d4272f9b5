// the pods of some namespaces: reads their state, and removes them

import { Cluster } from './cluster';
import { until } from './commands';
import { kill, processesOfPod } from './machine';
import { KubeObject } from './objects';

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly image: string;
  readonly node: string;
  /** The pod's address; on the host network, the node's address. */
  readonly address: string;
  readonly ready: boolean;
  readonly phase: string;
  readonly leaving: boolean;
  readonly restarts: number;
}

export async function podsIn(cluster: Cluster, namespaces: string[], ...flags: string[]): Promise<Pod[]> {
  const found = await Promise.all(namespaces.map(name => cluster.kubectl(['-n', name, 'get', 'pods', ...flags, '-o', 'json'])));
  return found.flatMap(text => (JSON.parse(text).items as KubeObject[]).map(readPod));
}

/**
 * Removes namespaces, their pods first and with SIGKILL.
 * A front proxy would wait a minute for clients of a node that was cut off. The namespace controller retries only after
 * half of the pods' grace period.
 */
export async function removeNamespaces(cluster: Cluster, names: string[]): Promise<void> {
  if (names.length === 0) return;
  await Promise.all(names.map(name => cluster.kubectl(['-n', name, 'delete', 'daemonset,deployment', '--all', '--timeout=60s'], { seconds: 70 })));
  await until('all pods are gone', 60, async () => {
    const left = await podsIn(cluster, names);
    left.flatMap(pod => processesOfPod(pod.uid)).forEach(pid => kill(pid));
    return left.length === 0;
  }, 500);
  await cluster.kubectl(['delete', 'namespace', '--ignore-not-found', ...names, '--timeout=120s'], { seconds: 130 });
}

function readPod({ metadata, spec, status }: KubeObject): Pod {
  const conditions = (status.conditions ?? []) as { type: string; status: string }[];
  const containers = (status.containerStatuses ?? []) as { restartCount: number }[];
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: (metadata as unknown as { uid: string }).uid,
    image: spec.containers[0].image,
    node: spec.nodeName ?? '',
    address: status.podIP ?? '',
    ready: conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    phase: status.phase,
    leaving: 'deletionTimestamp' in metadata,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}
