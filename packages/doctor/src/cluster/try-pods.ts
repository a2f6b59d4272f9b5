// offers a pod of each workload to the API server with --dry-run: admission says what it would refuse, and injects
import type { Asked } from './gather';
import { Kubectl, KubectlFailed } from './kubectl';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { Workload } from '../edge/workload';
import { TriedPod } from '../facts';

/** Only in namespaces that exist; and not the pods that istiod makes, which the manifests have in part only. */
export async function tryPods({ workloads }: Edge, namespaces: readonly KubeObject[], kubectl: Kubectl, asked: Asked): Promise<TriedPod[]> {
  const existing = workloads.filter(({ namespace, madeByIstiod }) => !madeByIstiod && namespaces.some(({ metadata }) => metadata.name === namespace));
  const tried = await Promise.all(existing.map(workload => asked<TriedPod | undefined>(`admission of ${workload.name}'s pods`, undefined, () => tryPod(workload, kubectl))));
  return tried.flatMap(one => one ?? []);
}

async function tryPod(workload: Workload, kubectl: Kubectl): Promise<TriedPod> {
  const { namespace, name, template } = workload;
  // a ServiceAccount of the manifests may not exist yet
  const spec = { ...template.spec, serviceAccountName: 'default' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `${name}-doctor`, namespace }, spec };
  try {
    const accepted = await kubectl.json<KubeObject>(['create', '--dry-run=server', '-o', 'json', '-f', '-'], JSON.stringify(pod));
    return { namespace, workload: name, images: accepted.spec.containers.map(({ image }: { image: string }) => image) };
  } catch (error) {
    // "cannot create" is about the user's rights, not about the pod
    if (!(error instanceof KubectlFailed) || /cannot create resource/.test(error.stderr) || !/\(Forbidden\)|\(Invalid\)|admission webhook|denied/.test(error.stderr)) {
      throw error;
    }
    return { namespace, workload: name, refusal: error.reason, images: [] };
  }
}
