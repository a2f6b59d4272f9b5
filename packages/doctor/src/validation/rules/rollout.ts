// rollouts that never end: a new pod waits for a port or a node that an old pod keeps
import { KubeObject, nameOf, selects } from '../../edge/objects';
import { nodeCountOf } from '../placement';
import { isHostProxy, listOf, PodOf } from '../pods';
import { Rule, Violation } from '../rule';
import { declaredPorts } from './host-ports';

/** A number, or a percentage of the replicas. */
function amount(value: unknown, replicas: number, round: (exact: number) => number): number {
  return typeof value === 'string' && value.endsWith('%') ? round(replicas * parseFloat(value) / 100) : Number(value);
}

/** Why no second pod of the workload can run on a node. */
function reasonForOneANode(pod: PodOf): string | undefined {
  const ports = declaredPorts(pod);
  if (ports.length > 0) {
    return `both would need ${ports[0].protocol} port ${ports[0].port}`;
  }
  if (isHostProxy(pod)) {
    return 'both would need the ports of Istio\'s agent, such as 15021';
  }
  const rules = listOf(pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const apart = rules.some(({ topologyKey, labelSelector }) => topologyKey === 'kubernetes.io/hostname' && selects(labelSelector ?? {}, pod.labels));
  return apart ? 'its podAntiAffinity forbids it' : undefined;
}

function ofDeployment(pod: PodOf, { spec }: KubeObject): Violation[] {
  const [nodes, reason] = [nodeCountOf(pod), reasonForOneANode(pod)];
  const replicas = spec.replicas ?? 1;
  const rolling = spec.strategy?.rollingUpdate ?? {};
  const surge = amount(rolling.maxSurge ?? '25%', replicas, Math.ceil);
  const unavailable = amount(rolling.maxUnavailable ?? '25%', replicas, Math.floor);
  const recreates = spec.strategy?.type === 'Recreate';
  if (recreates || reason === undefined || nodes === undefined || surge === 0 || unavailable > 0 || replicas < nodes) {
    return [];
  }
  return [{
    what: `a rollout of ${nameOf(pod.object)} never ends: a new pod finds no node, because each of the ${nodes} nodes has an old one, and ${reason}; `
      + 'no old pod ends before a new one is ready',
    places: [{ object: pod.object, location: `spec.strategy.rollingUpdate: maxSurge ${surge}, maxUnavailable ${unavailable}, with ${replicas} replicas on ${nodes} nodes` }],
    fix: 'set maxSurge: 0 and maxUnavailable: 1, or add a node',
  }];
}

function ofDaemonSet(pod: PodOf, { spec }: KubeObject): Violation[] {
  const reason = reasonForOneANode(pod);
  const { maxSurge = 0 } = spec.updateStrategy?.rollingUpdate ?? {};
  const surges = spec.updateStrategy?.type !== 'OnDelete' && parseFloat(maxSurge) > 0;
  return !surges || reason === undefined ? [] : [{
    what: `a rollout of ${nameOf(pod.object)} never ends: a new pod must become ready beside the old one on the same node, and ${reason}`,
    places: [{ object: pod.object, location: `spec.updateStrategy.rollingUpdate.maxSurge: ${maxSurge}` }],
    fix: 'set maxSurge: 0 and maxUnavailable: 1',
  }];
}

/** rollout-deadlock */
export const rolloutDeadlock: Rule = {
  name: 'rollout-deadlock',
  find: ({ pods }) => pods.flatMap(pod => {
    const { kind } = pod.controller;
    return kind === 'Deployment' ? ofDeployment(pod, pod.controller) : kind === 'DaemonSet' ? ofDaemonSet(pod, pod.controller) : [];
  }),
};
