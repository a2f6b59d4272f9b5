// Kubernetes objects, as manifests and the API server have them

/** Fields of a Kubernetes object that several kinds share. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly deletionTimestamp?: string;
  readonly generation?: number;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
}

/** A Kubernetes object. What is below `spec`, `status` and `data` depends on its kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly [field: string]: any;
}

/** True if the value has what every Kubernetes object has. */
export function isObject(value: unknown): value is KubeObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubeObject>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
}

/** `DaemonSet istio-ingress/edge-vip` */
export function nameOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** True if the labels have every label of the selector. */
export function matchesLabels(labels: Metadata['labels'], selector: { readonly [key: string]: string }): boolean {
  return Object.entries(selector).every(([key, value]) => labels?.[key] === value);
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** A requirement of a label selector or of a node affinity. */
export function meets(labels: Metadata['labels'], { key, operator, values = [] }: Requirement): boolean {
  const value = labels?.[key];
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    default: return true;
  }
}

/** True if a NetworkPolicy limits who reaches pods with these labels. */
export function limitsIngress({ metadata, spec }: KubeObject, namespace: string, labels: Metadata['labels']): boolean {
  return (metadata.namespace ?? 'default') === namespace && String(spec?.policyTypes ?? 'Ingress').includes('Ingress') && selects(spec?.podSelector ?? {}, labels);
}

/** A label selector with `matchLabels` and `matchExpressions`. An empty one selects everything. */
export function selects(
  selector: { readonly matchLabels?: { readonly [key: string]: string }; readonly matchExpressions?: readonly Requirement[] }, labels: Metadata['labels'],
): boolean {
  return matchesLabels(labels, selector.matchLabels ?? {}) && (selector.matchExpressions ?? []).every(one => meets(labels, one));
}
