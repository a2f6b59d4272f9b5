// all patches for what cdk8s-plus-27 cannot write or writes wrongly; each names the version that makes it unnecessary
import { ApiObject, JsonPatch } from 'cdk8s';
import type { ConfigMap, Deployment, DaemonSet, HorizontalPodAutoscaler, Service, Workload } from 'cdk8s-plus-27';
import { byPort } from './ports';
import type { Privileges } from './privileges';

const POD_SPEC = '/spec/template/spec';

/** A volume that cdk8s-plus-27 has no factory for, as Kubernetes writes it. */
export interface RawVolume {
  readonly name: string;
  readonly mountPath: string;
  readonly source: { readonly [kind: string]: unknown };
}

/** What a pod needs and cdk8s-plus-27 cannot write. */
export interface PodPatches {
  /** In the order of the containers. */
  readonly containers: Privileges[];
  /** In the same order. Undefined: the container has no liveness probe. */
  readonly livenessGraceSeconds: (number | undefined)[];
  readonly initContainers: Privileges[];
  /** Mounted read-only into the first container. */
  readonly rawVolumes: RawVolume[];
  readonly priorityClassName?: string;
}

/**
 * Capabilities: the enum of cdk8s-plus-27 writes `CAP_NET_ADMIN` and has no ALL; fixed in cdk8s-plus-28.
 * Seccomp, priority class, service links, grace period of a probe, projected volumes: not in cdk8s-plus 27 to 31.
 *
 * @see https://github.com/cdk8s-team/cdk8s-plus/pull/4267
 */
export function patchPod(workload: DaemonSet | Deployment, patches: PodPatches): void {
  const nonRoot = [...patches.containers, ...patches.initContainers].every(({ user }) => user !== 0);
  ApiObject.of(workload).addJsonPatch(
    ...patches.containers.map((privileges, index) => capabilities(`containers/${index}`, privileges)),
    ...patches.initContainers.map((privileges, index) => capabilities(`initContainers/${index}`, privileges)),
    ...patches.livenessGraceSeconds.flatMap((seconds, index) => seconds === undefined ? []
      : [JsonPatch.add(`${POD_SPEC}/containers/${index}/livenessProbe/terminationGracePeriodSeconds`, seconds)]),
    JsonPatch.add(`${POD_SPEC}/enableServiceLinks`, false),
    JsonPatch.add(`${POD_SPEC}/securityContext`, { runAsNonRoot: nonRoot, seccompProfile: { type: 'RuntimeDefault' } }),
    ...(patches.priorityClassName ? [JsonPatch.add(`${POD_SPEC}/priorityClassName`, patches.priorityClassName)] : []),
    ...patches.rawVolumes.flatMap(({ name, mountPath, source }) => [
      JsonPatch.add(`${POD_SPEC}/volumes/-`, { name, ...source }),
      JsonPatch.add(`${POD_SPEC}/containers/0/volumeMounts/-`, { name, mountPath, readOnly: true }),
    ]),
  );
}

/** cdk8s-plus-27 cannot change a security context. Gives the first container other privileges than it was made with. */
export function patchPrivileges(workload: Workload, privileges: Privileges): void {
  const { user } = privileges;
  const runAs = { runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 };
  ApiObject.of(workload).addJsonPatch(
    ...Object.entries(runAs).map(([field, value]) => JsonPatch.add(`${POD_SPEC}/containers/0/securityContext/${field}`, value)),
    JsonPatch.add(`${POD_SPEC}/securityContext/runAsNonRoot`, user !== 0),
    capabilities('containers/0', privileges),
  );
}

/** What depends on the ports of a pod: in its first container, and in its first init container. */
export interface PortPatches {
  readonly privileges: Privileges;
  readonly readiness: string[];
  readonly preStop: string[];
  readonly guardCommand: string[];
  readonly declaredPorts?: number[];
}

/** Ports that came after the pod. cdk8s-plus-27 to 31 read commands, ports and security contexts once, when the container is made. */
export function patchPorts(workload: Workload, { privileges, readiness, preStop, guardCommand, declaredPorts }: PortPatches): void {
  ApiObject.of(workload).addJsonPatch(
    capabilities('containers/0', privileges),
    JsonPatch.add(`${POD_SPEC}/containers/0/readinessProbe/exec/command`, readiness),
    JsonPatch.add(`${POD_SPEC}/containers/0/lifecycle/preStop/exec/command`, preStop),
    JsonPatch.add(`${POD_SPEC}/initContainers/0/command`, guardCommand),
    ...(declaredPorts
      ? [JsonPatch.add(`${POD_SPEC}/containers/0/ports`, declaredPorts.map(port => ({ containerPort: port, hostPort: port, name: `tcp-${port}` })))]
      : []),
  );
}

function capabilities(container: string, { capabilities: add }: Privileges): JsonPatch {
  return JsonPatch.add(`${POD_SPEC}/${container}/securityContext/capabilities`, {
    drop: ['ALL'], ...(add.length > 0 && { add }),
  });
}

/**
 * DaemonSet has no update strategy in cdk8s-plus 27 to 31. Numbers are wrapped, since the patch runs before
 * the generated serializer, which silently drops a plain number where it expects an IntOrString.
 */
export function patchUpdateStrategy(daemonSet: DaemonSet, maxSurge: number, maxUnavailable: number): void {
  ApiObject.of(daemonSet).addJsonPatch(JsonPatch.add('/spec/updateStrategy', {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: { value: maxSurge }, maxUnavailable: { value: maxUnavailable } },
  }));
}

/** cdk8s-plus-27 writes a scaling behaviour of its own. Operators expect the default of Kubernetes. */
export function patchAutoscaler(autoscaler: HorizontalPodAutoscaler): void {
  ApiObject.of(autoscaler).addJsonPatch(JsonPatch.remove('/spec/behavior'));
}

/** cdk8s gives every object the chart's namespace, but a Namespace has none. */
export function patchNamespace(namespace: ApiObject): void {
  namespace.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
}

/** cdk8s-plus-27 writes an empty list, which shows up in every diff against the cluster. */
export function patchService(service: Service): void {
  ApiObject.of(service).addJsonPatch(JsonPatch.remove('/spec/externalIPs'));
}

/**
 * The first port, and the others by number, with these target ports. cdk8s-plus 27 to 31 write them in the order in which they came,
 * and cannot change a target port. A number is wrapped, as above.
 */
export function patchServicePorts(service: Service, targets: ReadonlyMap<number, number>): void {
  const [first, ...others] = service.ports;
  const sorted = [first, ...others.sort(byPort)];
  ApiObject.of(service).addJsonPatch(
    JsonPatch.add('/spec/ports', sorted.map(({ name, port, targetPort }) => ({ name, port, targetPort: { value: targets.get(port) ?? targetPort } }))),
  );
}

/**
 * A name that depends on what is added later. cdk8s resolves a Lazy in the manifest only. File names and construct
 * metadata take `metadata.name` and `name` unresolved.
 *
 * @see https://github.com/cdk8s-team/cdk8s-core/blob/v2.70.7/src/app.ts
 */
export function patchName(configMap: ConfigMap, currentName: () => string): void {
  const object = ApiObject.of(configMap);
  const name = { get: currentName, enumerable: true };
  [object, object.metadata].forEach(named => Object.defineProperty(named, 'name', name));
}
