// changes an edge on the cluster, as its owner would

import { Component, EdgeUnderTest } from './edge-under-test';
import { KubeObject, writeObjects } from '../cluster/objects';

export async function push(edge: EdgeUnderTest, ...objects: KubeObject[]): Promise<void> {
  await edge.cluster.apply(writeObjects(objects), '--server-side', '--force-conflicts');
}

/** Replaces every pod of a component. Returns the seconds until the last old pod is gone. */
export async function rollOut(edge: EdgeUnderTest, component: Component, seconds = 180): Promise<number> {
  const begun = Date.now();
  const workload = await restart(edge, component);
  await edge.cluster.kubectl(['rollout', 'status', ...workload, `--timeout=${seconds}s`], { seconds: seconds + 10 });
  await edge.settled(seconds);
  return (Date.now() - begun) / 1000;
}

/** Begins to replace every pod of a component. Returns the workload's name, as words for kubectl. */
export async function restart(edge: EdgeUnderTest, component: Component): Promise<string[]> {
  const { kind, metadata } = edge.workload(component);
  const workload = ['-n', metadata.namespace ?? '', `${kind.toLowerCase()}/${metadata.name}`];
  await edge.cluster.kubectl(['rollout', 'restart', ...workload]);
  return workload;
}
