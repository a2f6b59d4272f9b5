// renders istiod's charts for this cluster, and for meshes with other names

import { join } from 'node:path';
import { stringify } from 'yaml';
import { ISTIO_VERSION, istioFile } from './build';
import { run } from './commands';
import { KubeObject, readObjects } from './objects';
import { CLUSTER_DOMAIN } from './topology';

/** Names and version of a mesh, as in the library's `IstioOptions`. */
export interface Mesh {
  readonly version: string;
  readonly revision: string;
  readonly namespace: string;
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly clusterDomain: string;
  readonly network?: string;
  /** Whether istiod opens ports on both families of a dual-stack node. @default false */
  readonly dualStack?: boolean;
  /** Value of the label `istio` of the gateway that serves Ingresses. @default - Istio's: ingressgateway */
  readonly ingressService?: string;
}

/** Istio's defaults. */
export const DEFAULT_MESH: Mesh = {
  version: ISTIO_VERSION, revision: 'default', namespace: 'istio-system', trustDomain: 'cluster.local', clusterName: 'Kubernetes', clusterDomain: CLUSTER_DOMAIN,
};

/** The chart's name for an object: with the revision appended if there is one. */
export function revised(name: string, { revision }: Mesh): string {
  return revision === DEFAULT_MESH.revision ? name : `${name}-${revision}`;
}

/** Renders the chart `istiod`, and from the chart `base` only the default validation webhook. */
export async function controlPlane(istio: string, mesh: Mesh): Promise<KubeObject[]> {
  const validator = ['--show-only', 'templates/defaultrevision-validatingwebhookconfiguration.yaml'];
  const rendered = await Promise.all([
    render(istio, 'base', mesh, { defaultRevision: mesh.revision, global: { istioNamespace: mesh.namespace } }, validator),
    render(istio, 'istiod', mesh, istiodValues(mesh)),
  ]);
  return [namespaceOf(mesh), ...rendered.flatMap(readObjects)];
}

/** Telemetry is off, because upstream's Envoy rejects listeners with Istio's own filters. */
function istiodValues(mesh: Mesh): object {
  return {
    revision: mesh.revision === DEFAULT_MESH.revision ? '' : mesh.revision,
    autoscaleEnabled: false,
    nodeSelector: { 'lab/role': 'worker' },
    env: { PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_ALPN_FILTER: 'false', ...(mesh.dualStack && { ISTIO_DUAL_STACK: 'true' }) },
    meshConfig: { accessLogFile: '/dev/stdout', trustDomain: mesh.trustDomain, ...(mesh.ingressService && { ingressService: mesh.ingressService }) },
    telemetry: { enabled: false },
    global: {
      hub: 'docker.io/istio',
      tag: mesh.version,
      imagePullPolicy: 'IfNotPresent',
      istioNamespace: mesh.namespace,
      network: mesh.network ?? '',
      multiCluster: { clusterName: mesh.clusterName },
      proxy: { clusterDomain: mesh.clusterDomain },
    },
  };
}

async function render(istio: string, release: 'base' | 'istiod', { namespace }: Mesh, values: object, flags: string[] = []): Promise<string> {
  const words = ['template', release, istioFile(istio, `${release}Chart`), '--namespace', namespace, '--values', '-', ...flags];
  return run([join(istio, 'helm'), ...words], { input: stringify(values), seconds: 60 });
}

function namespaceOf({ namespace }: Mesh): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
}
