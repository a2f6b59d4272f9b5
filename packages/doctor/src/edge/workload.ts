// the DaemonSets and Deployments of an edge, those included that istiod makes from an overlay
import { parse } from 'yaml';
import { KubeObject, matchesLabels, meets } from './objects';

/** A workload of the edge. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `metadata` and `spec` of its pods. */
  readonly template: KubeObject;
  /** Labels by which its pods are found. */
  readonly labels: { readonly [key: string]: string };
  readonly role: 'front-proxy' | 'gateway' | 'virtual-ip' | 'other';
  readonly hostNetwork: boolean;
  /** TCP ports that its pods open on a node. Empty on the pod network. */
  readonly hostPorts: readonly number[];
  /** True if istiod makes it, so that it is not in the manifests. */
  readonly madeByIstiod: boolean;
  /** The object in the manifests: the workload, or the Gateway for which istiod makes it. */
  readonly source: KubeObject;
  /** The workload, or its part in the overlay. */
  readonly controller: KubeObject;
}

const COMPONENTS: { readonly [label: string]: Workload['role'] } = {
  'front-proxy': 'front-proxy', 'gateway': 'gateway', 'virtual-ip': 'virtual-ip',
};

/** All workloads of the manifests. */
export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  const written = objects.filter(({ kind, spec }) => (kind === 'DaemonSet' || kind === 'Deployment') && spec?.template?.spec !== undefined)
    .map(object => workloadOf(object, object.metadata.name, object, objects));
  return [...written, ...objects.flatMap(object => madeByIstiod(object, objects))];
}

/** istiod calls the workload of a Gateway after the Gateway and its class. */
function madeByIstiod(gateway: KubeObject, objects: readonly KubeObject[]): Workload[] {
  const overlay = gateway.kind === 'Gateway' ? gateway.spec?.infrastructure?.parametersRef?.name : undefined;
  const { namespace } = gateway.metadata;
  const text = objects.find(one => one.kind === 'ConfigMap' && one.metadata.name === overlay && one.metadata.namespace === namespace)?.data?.deployment;
  if (overlay === undefined || text === undefined) {
    return [];
  }
  const parsed = read(text);
  const object: KubeObject = { ...parsed, kind: parsed.kind ?? 'Deployment', metadata: { ...parsed.metadata, namespace } };
  return object.spec?.template?.spec === undefined ? []
    : [workloadOf(object, `${gateway.metadata.name}-${gateway.spec.gatewayClassName}`, gateway, objects)];
}

/** The object in a text of a ConfigMap. Without fields if there is none: what a user writes can be anything. */
function read(text: unknown): KubeObject {
  const none = {} as KubeObject;
  try {
    const parsed: unknown = parse(String(text));
    return typeof parsed === 'object' && parsed !== null ? parsed as KubeObject : none;
  } catch {
    return none;
  }
}

function workloadOf(object: KubeObject, name: string, source: KubeObject, objects: readonly KubeObject[]): Workload {
  const { template } = object.spec;
  const labels = object.spec.selector?.matchLabels ?? template.metadata?.labels ?? {};
  const role = COMPONENTS[template.metadata?.labels?.['app.kubernetes.io/component']] ?? 'other';
  const hostNetwork = template.spec.hostNetwork === true;
  const namespace = object.metadata.namespace ?? 'default';
  const gatewayPorts = () => role === 'gateway' ? portsOfGateway(objects, namespace, template.metadata.labels) : [];
  const guarded = guardedPorts(template);
  return {
    kind: object.kind, namespace, name, template, labels, role, hostNetwork, source, controller: object, madeByIstiod: source !== object,
    hostPorts: hostNetwork ? guarded.length > 0 ? guarded : gatewayPorts() : [],
  };
}

/** A front proxy declares no port; its init container port-guard has them as arguments. */
export function guardedPorts({ spec }: KubeObject): number[] {
  const guard = (spec.initContainers ?? []).find((one: KubeObject | null) => one?.name === 'port-guard');
  return (guard?.command ?? []).slice(6).map(Number);
}

/** istiod opens the target ports of the Services that select the gateway's pods. */
function portsOfGateway(objects: readonly KubeObject[], namespace: string, labels: { readonly [key: string]: string }): number[] {
  const services = objects.filter(({ kind, metadata, spec }) =>
    kind === 'Service' && metadata.namespace === namespace && spec?.selector !== undefined && matchesLabels(labels, spec.selector));
  const overlays = objects.filter(({ kind, metadata, data }) => kind === 'ConfigMap' && metadata.namespace === namespace && data?.service !== undefined)
    .map(({ data }) => read(data.service)).filter(({ metadata }) => matchesLabels(labels, metadata?.labels ?? {}));
  const ports = [...services, ...overlays].flatMap(({ spec }) => spec?.ports ?? []).map((port: KubeObject) => Number(port.targetPort ?? port.port));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** True if the pod belongs to this workload, in an old or the new version. */
export function isPodOf({ namespace, labels }: Workload, { metadata }: KubeObject): boolean {
  return metadata.namespace === namespace && matchesLabels(metadata.labels, labels);
}

/** Images of its containers. `auto` is a placeholder of Istio's. */
export function imagesOf({ template }: Workload): string[] {
  const containers: ({ image?: string } | null)[] = [...template.spec.initContainers ?? [], ...template.spec.containers ?? []];
  return [...new Set(containers.flatMap(one => one?.image === undefined || one.image === 'auto' ? [] : [one.image]))];
}

/** Pods on nodes with this label are deleted by the DaemonSet controller. */
export const MAINTENANCE = 'cdk8s-istio-edge/maintenance';

/** The nodes on which its pods may run, those in maintenance included. */
export function nodesFor({ template: { spec } }: Workload, nodes: readonly KubeObject[]): KubeObject[] {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms as KubeObject[] | undefined;
  return nodes.filter(({ metadata: { labels } }) => matchesLabels(labels, spec.nodeSelector ?? {})
    && (terms === undefined || terms.some(term => (term.matchExpressions ?? [])
      .filter((one: { key: string }) => one.key !== MAINTENANCE).every((one: Parameters<typeof meets>[1]) => meets(labels, one)))));
}

/** Hostname labels that its node affinity lists. */
export function hostnamesOf({ template: { spec } }: Pick<Workload, 'template'>): string[] {
  const terms: KubeObject[] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(term => term.matchExpressions ?? []).filter(one => one.key === 'kubernetes.io/hostname' && one.operator === 'In').flatMap(one => one.values);
}

/** `DaemonSet istio-ingress/edge-vip` */
export function titleOf({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}
