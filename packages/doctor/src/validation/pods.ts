// the pods of all manifests: of controllers, of CronJobs, and those that istiod makes from an overlay
import { KubeObject } from '../edge/objects';
import { Workload } from '../edge/workload';

/** A pod, and the object that makes it. */
export interface PodOf {
  /** The object in the manifests. */
  readonly object: KubeObject;
  /** The controller with its rollout: the object, or the overlay of a Gateway. */
  readonly controller: KubeObject;
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  /** The pod's `spec`. */
  readonly spec: KubeObject;
  /** Path of `spec` in the object. */
  readonly path: string;
  /** The workload of the edge, if it is one. */
  readonly workload?: Workload;
}

/** The value if it is a list: what a user writes can be anything. */
export const listOf = (value: unknown): KubeObject[] => Array.isArray(value) ? value.filter(one => typeof one === 'object' && one !== null) : [];

const CONTROLLERS = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job'];

/** Where the pod stands in an object. */
function templateOf({ kind, metadata, spec }: KubeObject): { template: KubeObject; path: string } | undefined {
  if (kind === 'Pod') {
    return { template: { apiVersion: 'v1', kind, metadata, spec }, path: 'spec' };
  }
  if (CONTROLLERS.includes(kind)) {
    return { template: spec?.template, path: 'spec.template.spec' };
  }
  return kind === 'CronJob' ? { template: spec?.jobTemplate?.spec?.template, path: 'spec.jobTemplate.spec.template.spec' } : undefined;
}

/** All pods of the manifests. */
export function podsOf(objects: readonly KubeObject[], workloads: readonly Workload[]): PodOf[] {
  return objects.flatMap(object => {
    const namespace = object.metadata.namespace ?? 'default';
    const workload = workloads.find(one => one.source === object);
    const found = workload?.madeByIstiod === true ? { template: workload.template, path: 'spec.infrastructure' } : templateOf(object);
    return !found?.template?.spec ? [] : [{
      object,
      controller: workload?.controller ?? object,
      namespace,
      labels: found.template.metadata?.labels ?? {},
      annotations: found.template.metadata?.annotations ?? {},
      spec: found.template.spec,
      path: found.path,
      ...(workload !== undefined && { workload }),
    }];
  });
}

/** Init containers and containers. */
export function containersOf({ spec }: Pick<PodOf, 'spec'>): KubeObject[] {
  return [...listOf(spec.initContainers), ...listOf(spec.containers)];
}

/** True if the pod is one of Istio's proxies on the network of its node: two of them cannot share a node. */
export function isHostProxy({ spec }: Pick<PodOf, 'spec'>): boolean {
  return spec.hostNetwork === true && listOf(spec.containers).some(({ name }) => name === 'istio-proxy');
}
