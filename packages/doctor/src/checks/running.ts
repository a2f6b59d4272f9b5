// the workloads in the cluster: applied, rolled out, ready. An edge that is not applied yet has none
import { Check } from '../check';
import { KubeObject } from '../edge/objects';
import { isPodOf, titleOf, Workload } from '../edge/workload';
import { ClusterFacts } from '../facts';

/** The workload as it is in the cluster. */
export function inCluster({ kind, namespace, name }: Workload, { workloads }: ClusterFacts): KubeObject | undefined {
  return workloads.find(one => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name);
}

/** workload-missing */
export const workloadMissing: Check = {
  code: 'workload-missing',
  severity: 'problem',
  finds: 'a workload of the manifests that is not in the cluster, though others of them are',
  run: ({ workloads }, { cluster }) => {
    const missing = workloads.filter(workload => !inCluster(workload, cluster));
    return missing.length === workloads.length ? [] : missing.map(workload => ({
      subject: titleOf(workload),
      what: 'it is not in the cluster',
      fix: workload.madeByIstiod ? 'istiod makes it: see its log, and kubectl describe gateway' : 'kubectl apply --server-side -f dist/',
    }));
  },
};

/** Its ConfigMaps, whose names end with a checksum, and its images. */
function partsOf({ spec }: KubeObject): string[] {
  const configs = (spec.volumes ?? []).flatMap((volume: KubeObject) => volume.configMap?.name ?? []);
  return [...configs, ...spec.containers.map(({ image }: KubeObject) => image)];
}

/** manifests-differ */
export const manifestsDiffer: Check = {
  code: 'manifests-differ',
  severity: 'advice',
  finds: 'a workload that runs with another configuration or image than the manifests have',
  run: ({ workloads }, { cluster }) => workloads.filter(({ madeByIstiod }) => !madeByIstiod).flatMap(workload => {
    const template = inCluster(workload, cluster)?.spec.template;
    const [wanted, has] = [workload.template, template].map(one => one === undefined ? [] : partsOf(one));
    const missing = template === undefined ? [] : wanted.filter(one => !has.includes(one));
    return missing.length === 0 ? [] : [{
      subject: titleOf(workload),
      what: 'the cluster runs another version of it than these manifests',
      got: `the manifests have ${missing.join(', ')}, the cluster ${has.filter(one => !wanted.includes(one)).join(', ')}`,
      fix: 'kubectl apply --server-side -f dist/, or give the manifests that are applied',
    }];
  }),
};

interface Ended {
  readonly reason: string;
  readonly exitCode: number;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason: string; readonly message?: string }; readonly terminated?: Ended };
  readonly lastState?: { readonly terminated?: Ended };
}

function describeContainer({ name, restartCount, state: { waiting, terminated } = {}, lastState }: ContainerStatus): string {
  const ended = terminated === undefined ? 'its readiness probe fails' : `ended with exit code ${terminated.exitCode}`;
  const last = lastState?.terminated;
  return [
    `${name}: ${waiting === undefined ? ended : [waiting.reason, ...waiting.message ? [waiting.message] : []].join(': ')}`,
    ...restartCount > 0 ? [`${restartCount} restarts`] : [],
    ...last === undefined ? [] : [`last end: ${last.reason}, exit code ${last.exitCode}`],
  ].join(', ');
}

/** Why a pod is not ready, in one line. */
export function reasonOf({ status }: KubeObject): string {
  const conditions: { type: string; status: string; message?: string }[] = status?.conditions ?? [];
  const unscheduled = conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined) {
    return `not scheduled: ${unscheduled.message}`;
  }
  const containers: ContainerStatus[] = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
  const reasons = containers.filter(({ ready, state }) => !ready && state?.terminated?.exitCode !== 0).map(describeContainer);
  return reasons.filter(one => !/PodInitializing/.test(one))[0] ?? reasons[0] ?? `phase ${status?.phase}`;
}

const isReady = ({ status }: KubeObject) =>
  (status?.conditions ?? []).some((one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True');

/** Pods of a workload that should be ready and are not. */
function unready(workload: Workload, { pods }: ClusterFacts): KubeObject[] {
  return pods.filter(pod => isPodOf(workload, pod) && pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== 'Succeeded' && !isReady(pod));
}

const isImage = (reason: string) => /ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull/.test(reason);

/** pod-not-ready */
export const podNotReady: Check = {
  code: 'pod-not-ready',
  severity: 'problem',
  finds: 'a pod of the edge that is not ready, with the reason',
  run: ({ workloads }, { cluster }) => workloads.flatMap(workload => unready(workload, cluster)
    .filter(pod => !isImage(reasonOf(pod)))
    .map(pod => ({
      subject: `pod ${pod.metadata.namespace}/${pod.metadata.name}${pod.spec.nodeName === undefined ? '' : ` on ${pod.spec.nodeName}`}`,
      what: 'it is not ready',
      got: reasonOf(pod),
      fix: `kubectl -n ${pod.metadata.namespace} describe pod ${pod.metadata.name}; kubectl -n ${pod.metadata.namespace} logs ${pod.metadata.name} --all-containers --prefix`,
    }))),
};

/** image-missing */
export const imageMissing: Check = {
  code: 'image-missing',
  severity: 'problem',
  finds: 'an image that a node cannot get',
  run: ({ workloads }, { cluster }) => workloads.flatMap(workload => unready(workload, cluster)).filter(pod => isImage(reasonOf(pod))).map(pod => ({
    subject: `node ${pod.spec.nodeName}`,
    what: 'it cannot get an image',
    got: reasonOf(pod),
    fix: 'let the node reach the registry, or mirror the images: imageRegistry of MeshEdge, image and imagePullSecrets of a part',
  })),
};

const HANGING_MINUTES = 10;

/** rollout-hangs */
export const rolloutHangs: Check = {
  code: 'rollout-hangs',
  severity: 'problem',
  finds: `an update that does not go on: a pod of the new version is not ready for ${HANGING_MINUTES} minutes, or progressDeadlineSeconds is over`,
  run: ({ workloads }, { cluster, now }) => workloads.flatMap(workload => {
    const object = inCluster(workload, cluster);
    const status = object?.status ?? {};
    const wanted = status.desiredNumberScheduled ?? object?.spec.replicas ?? 0;
    const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
    const overdue = status.conditions?.some((one: { type: string; reason: string }) => one.type === 'Progressing' && one.reason === 'ProgressDeadlineExceeded');
    const stuck = unready(workload, cluster)
      .filter(pod => now.getTime() - Date.parse(pod.status?.startTime ?? now.toISOString()) > HANGING_MINUTES * 60_000);
    return object === undefined || !(overdue || (updated < wanted && stuck.length > 0)) ? [] : [{
      subject: titleOf(workload),
      what: 'its update does not go on',
      got: `${updated} of ${wanted} pods are updated${stuck.length > 0 ? `; ${stuck[0].metadata.name}: ${reasonOf(stuck[0])}` : ''}`,
      fix: `kubectl -n ${workload.namespace} rollout undo ${workload.kind.toLowerCase()} ${workload.name}; with GitOps, revert in Git`,
    }];
  }),
};
