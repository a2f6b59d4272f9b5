// manifests → what an edge needs
import { certificatesOf, CertificateUse } from './certificates';
import { KubeObject } from './objects';
import { VirtualIp, virtualIpsOf } from './virtual-ip';
import { Workload, workloadsOf } from './workload';

/** What the manifests ask of cluster and nodes. */
export interface Edge {
  readonly objects: readonly KubeObject[];
  readonly workloads: readonly Workload[];
  readonly virtualIps: readonly VirtualIp[];
  readonly certificates: readonly CertificateUse[];
}

/** Reads an edge from its manifests. */
export function edgeOf(objects: readonly KubeObject[]): Edge {
  const workloads = workloadsOf(objects);
  return { objects, workloads, virtualIps: virtualIpsOf(objects, workloads), certificates: certificatesOf(objects, workloads) };
}

/** Namespaces of the edge's objects. */
export function namespacesOf({ objects }: Edge): string[] {
  return [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))].sort();
}
