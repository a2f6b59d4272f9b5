// shared by the parts of the hand-written edge: labels, and patches for fields that cdk8s-plus-27 lacks
import { ApiObject, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { NAMESPACE } from '../edge';

export type Labels = { [key: string]: string };

/** Configuration files, and the checksum that rolls the pods when they change. */
export interface ConfigTexts {
  readonly name: string;
  readonly files: Labels;
  readonly checksum: string;
}

export const CHECKSUM = 'cdk8s-istio-edge/config-checksum';

export function labelsOf(instance: string, application: string, component: string): Labels {
  return {
    ...selectorOf(instance, application),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': 'istio-edge',
    'app.kubernetes.io/managed-by': 'cdk8s',
  };
}

export function selectorOf(instance: string, application: string): Labels {
  return { 'app.kubernetes.io/name': application, 'app.kubernetes.io/instance': instance };
}

/** Copies the labels, because cdk8s-plus keeps the map that it is given. */
export function metadataOf(name: string, labels: Labels) {
  return { name, namespace: NAMESPACE, labels: { ...labels }, annotations: {} };
}

export function resources(cpu: number, memory: number, memoryLimit: Size): kplus.ContainerResources {
  return { cpu: { request: kplus.Cpu.millis(cpu) }, memory: { request: Size.mebibytes(memory), limit: memoryLimit } };
}

export function securityOf(user: number): kplus.ContainerSecurityContextProps {
  return { user, group: user, ensureNonRoot: user !== 0, privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
}

/** Mounts of the configuration files, and of one directory in memory. */
export function mountsOf(scope: Construct, { name, files }: ConfigTexts, labels: Labels, directory: string): kplus.VolumeMount[] {
  const configMap = new kplus.ConfigMap(scope, 'config', { immutable: true, metadata: metadataOf(name, labels), data: { ...files } });
  const volume = kplus.Volume.fromConfigMap(scope, 'config-volume', configMap, { name: 'config', defaultMode: 0o644 });
  const id = directory.slice(1).replace('/', '-');
  const scratch = kplus.Volume.fromEmptyDir(scope, 'scratch-volume', id, { medium: kplus.EmptyDirMedium.MEMORY });
  return [
    ...Object.keys(files).map(file => ({ path: `/etc/${file}`, subPath: file, volume, readOnly: true })),
    { path: directory, volume: scratch },
  ];
}

/** Sets a DaemonSet's update strategy, and its nodes: `edge-1` and `edge-2` unless out of service. */
export function onEdgeNodes(daemonSet: kplus.DaemonSet, maxSurge: number): void {
  daemonSet.scheduling.attract(kplus.Node.labeled(
    kplus.NodeLabelQuery.in('kubernetes.io/hostname', ['edge-1', 'edge-2']),
    kplus.NodeLabelQuery.doesNotExist('cdk8s-istio-edge/maintenance'),
  ));
  ApiObject.of(daemonSet).addJsonPatch(
    JsonPatch.add('/spec/template/spec/priorityClassName', 'system-node-critical'),
    JsonPatch.add('/spec/updateStrategy', {
      type: 'RollingUpdate', rollingUpdate: { maxSurge: { value: maxSurge }, maxUnavailable: { value: 1 - maxSurge } },
    }),
  );
}

/** The time that a hung container gets to end. */
export function endHungAtOnce(workload: kplus.Workload, containers: number): void {
  ApiObject.of(workload).addJsonPatch(...Array.from({ length: containers }, (_, index) =>
    JsonPatch.add(`/spec/template/spec/containers/${index}/livenessProbe/terminationGracePeriodSeconds`, 1)));
}

/** Adds security settings. `capabilities` has a list for each container, such as `containers/0`. */
export function harden(workload: kplus.Workload, nonRoot: boolean, capabilities: { [container: string]: string[] }): void {
  ApiObject.of(workload).addJsonPatch(
    ...Object.entries(capabilities).map(([container, add]) =>
      JsonPatch.add(`/spec/template/spec/${container}/securityContext/capabilities`, { drop: ['ALL'], ...(add.length > 0 && { add }) })),
    JsonPatch.add('/spec/template/spec/enableServiceLinks', false),
    JsonPatch.add('/spec/template/spec/securityContext', { runAsNonRoot: nonRoot, seccompProfile: { type: 'RuntimeDefault' } }),
  );
}
