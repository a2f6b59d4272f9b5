// faults of an edge that runs
import type { FaultCase } from './faults';
import type { Changeable } from './healthy';
import type { KubeObject } from '../../packages/doctor/src/edge/objects';
import type { Facts } from '../../packages/doctor/src/facts';

const podNamed = ({ cluster }: Changeable<Facts>, name: string): Changeable<KubeObject> =>
  cluster.pods.find(({ metadata }) => metadata.name === name)!;

/** The pod is not ready, because its container waits. */
function waiting(pod: Changeable<KubeObject>, reason: string, message = '', container = 'keepalived'): void {
  const containerStatuses = [{ name: container, ready: false, restartCount: 0, state: { waiting: { reason, message } } }];
  pod.status = { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses };
}

export const afterFaults: FaultCase[] = [
  {
    code: 'workload-missing', name: 'keepalived was deleted', applied: true,
    make: ({ cluster }) => { cluster.workloads = cluster.workloads.filter(({ metadata }) => metadata.name !== 'edge-vip'); }, says: /DaemonSet istio-ingress\/edge-vip/,
  },
  {
    code: 'manifests-differ', name: 'an older configuration runs', applied: true, make: ({ cluster }) => {
      const running = cluster.workloads.find(({ metadata }) => metadata.name === 'edge-vip')!;
      running.spec = structuredClone(running.spec);
      running.spec.template.spec.volumes[0].configMap.name = 'edge-vip-0000000000';
    },
    says: /edge-vip.*the cluster edge-vip-0000000000/,
  },
  {
    code: 'pod-not-ready', name: 'port-guard refuses to let it start', applied: true, also: ['port-taken'], make: facts => {
      const pod = podNamed(facts, 'edge-front-envoy-1');
      pod.status = {
        phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }],
        initContainerStatuses: [{ name: 'port-guard', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } } }],
        containerStatuses: [{ name: 'front-envoy', ready: false, restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } }],
      };
    },
    says: /pod istio-ingress\/edge-front-envoy-1 on edge-2.*port-guard: CrashLoopBackOff: back-off 40s, 3 restarts/,
  },
  {
    code: 'image-missing', name: 'no such image', applied: true, make: facts => waiting(podNamed(facts, 'edge-vip-0'), 'ErrImagePull', 'manifest unknown'),
    says: /node edge-1 \| it cannot get an image \| keepalived: ErrImagePull: manifest unknown/,
  },
  { code: 'image-missing', name: 'an image that is never pulled', applied: true, make: facts => waiting(podNamed(facts, 'edge-vip-0'), 'ErrImageNeverPull'), says: /node edge-1.*ErrImageNeverPull/ },
  {
    code: 'rollout-hangs', name: 'a broken update', applied: true, also: ['pod-not-ready'], make: facts => {
      const pod = podNamed(facts, 'edge-front-envoy-0');
      waiting(pod, 'CrashLoopBackOff', '', 'front-envoy');
      pod.status.phase = 'Running';
      pod.status.startTime = new Date(facts.now.getTime() - 15 * 60_000).toISOString();
      facts.cluster.workloads.find(({ metadata }) => metadata.name === 'edge-front-envoy')!.status = { desiredNumberScheduled: 2, updatedNumberScheduled: 1 };
    },
    says: /edge-front-envoy.*1 of 2 pods are updated.*rollout undo daemonset edge-front-envoy/,
  },
  {
    code: 'address-without-holder', name: 'all checks fail', applied: true,
    make: ({ cluster }) => cluster.keepalived.forEach(one => (one.states = { 'vip-192-0-2-100': 'FAULT' })),
    says: /address 192\.0\.2\.100 \| no node holds it \| edge-1 FAULT, edge-2 FAULT/,
  },
  {
    code: 'address-two-holders', name: 'split brain', applied: true, make: ({ cluster }) => { cluster.keepalived[1].states = { 'vip-192-0-2-100': 'MASTER' }; },
    says: /address 192\.0\.2\.100 \| several nodes hold it.*edge-1 MASTER, edge-2 MASTER/,
  },
  {
    code: 'check-fails', name: 'a front proxy that hangs', applied: true, make: ({ cluster }) => { cluster.keepalived[1].checks = { 'edge-front-envoy': false }; },
    says: /node edge-2 \| the health check of edge-front-envoy fails/,
  },
  {
    code: 'connections-left', name: 'a node that drains', applied: true, make: ({ cluster }) => { cluster.connectionsLeft = [{ node: 'edge-2', pod: 'edge-front-envoy-1', count: 3 }]; },
    says: /node edge-2 \| 3 connections are left/,
  },
];
