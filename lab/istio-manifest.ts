// istiod as its chart renders it, for this cluster and for a mesh with other names

import { KubeObject, readObjects } from './examples';
import { ISTIO_VERSION } from './istio-files';
import { CLUSTER_DOMAIN } from './topology';

/** The names that a mesh goes by, and its version; as `IstioOptions` of the library. */
export interface Mesh {
  readonly version: string;
  readonly revision: string;
  readonly namespace: string;
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly clusterDomain: string;
}

/** Istio's own names. */
export const DEFAULT_MESH: Mesh = {
  version: ISTIO_VERSION, revision: 'default', namespace: 'istio-system', trustDomain: 'cluster.local', clusterName: 'Kubernetes', clusterDomain: CLUSTER_DOMAIN,
};

/** `istiod`, or with a revision what the chart calls it then. */
export function revised(name: string, { revision }: Mesh): string {
  return revision === DEFAULT_MESH.revision ? name : `${name}-${revision}`;
}

/**
 * The rendered chart, with images by their public names, on the worker, and all names the mesh's. Telemetry is off in the rendered chart:
 * upstream's Envoy refuses a listener with Istio's own statistics filter.
 */
export function controlPlane(rendered: string, mesh: Mesh): KubeObject[] {
  const objects = readObjects(forMesh(forLab(rendered), mesh)).map(object => renamed(object, mesh));
  const validator = objects.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  return [namespaceOf(mesh), ...objects, ...validator ? [defaultValidator(validator)] : []];
}

/** The registry, the pull policy and the node label of whoever rendered it; and what `docs/mesh-edge.md` asks of istiod for TLSRoutes. */
function forLab(text: string): string {
  return text
    .replace(/registry\.invalid/g, 'docker.io/istio')
    .replace(/^(\s+(?:"?)imagePullPolicy"?: )"?Never"?/gm, '$1"IfNotPresent"')
    .replace(/^(\s+)worker: "yes"/gm, '$1lab/role: worker')
    .replace(/^(\s+)- name: REVISION$/m, '$1- name: PILOT_ENABLE_ALPHA_GATEWAY_API\n$1  value: "true"\n$&');
}

/** As text: half of it are settings within settings, as JSON and as templates. */
function forMesh(text: string, mesh: Mesh): string {
  return text
    .replaceAll(ISTIO_VERSION, mesh.version)
    .replace(/istio-system/g, mesh.namespace)
    .replace(/trustDomain: cluster\.local/, `trustDomain: ${mesh.trustDomain}`)
    .replace(/"clusterDomain": "cluster\.local"/g, `"clusterDomain": "${mesh.clusterDomain}"`)
    .replace(/(- --domain\n\s+- )cluster\.local/, `$1${mesh.clusterDomain}`)
    .replace(/(name: CLUSTER_ID\n\s+value: )"Kubernetes"/, `$1"${mesh.clusterName}"`)
    .replace(/"clusterName": ""/g, `"clusterName": "${mesh.clusterName}"`)
    .replace(/discoveryAddress: istiod\./, `discoveryAddress: ${revised('istiod', mesh)}.`)
    .replace(/"revision": ""/g, `"revision": "${mesh.revision === DEFAULT_MESH.revision ? '' : mesh.revision}"`)
    .replace(/(name: REVISION\n\s+value: )"default"/, `$1"${mesh.revision}"`)
    .replace(/istio\.io\/rev: "default"/g, `istio.io/rev: "${mesh.revision}"`)
    .replace(/(- key: istio\.io\/rev\n\s+operator: In\n\s+values:\n\s+- )"default"/g, `$1"${mesh.revision}"`);
}

/** istiod finds its own settings, and others find istiod, by these names. */
const NAMED_BY_REVISION = ['ConfigMap', 'Service', 'Deployment', 'MutatingWebhookConfiguration'];

function renamed(object: KubeObject, mesh: Mesh): KubeObject {
  if (NAMED_BY_REVISION.includes(object.kind)) object.metadata.name = revised(object.metadata.name, mesh);
  if (object.webhooks === undefined) return object;
  const webhooks = object.webhooks as { name: string; clientConfig: { service: { name: string } } }[];
  webhooks.forEach(({ clientConfig }) => { clientConfig.service.name = revised('istiod', mesh); });
  // a revision has only those that select by revision: a pod that does not name it is not its own
  object.webhooks = webhooks.filter(({ name }) => mesh.revision === DEFAULT_MESH.revision || name.startsWith('rev.'));
  return object;
}

/** Of the chart `base`: without it, only objects that name a revision would be validated. */
function defaultValidator(validator: KubeObject): KubeObject {
  const copy = structuredClone(validator);
  copy.metadata.name = 'istiod-default-validator';
  copy.webhooks = copy.webhooks.slice(0, 1).map((webhook: object) => ({ ...webhook, name: 'validation.istio.io', objectSelector: undefined }));
  return copy;
}

function namespaceOf({ namespace }: Mesh): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
}
