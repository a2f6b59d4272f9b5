// the workloads that istiod makes for gateways: their names, and what the example's overlay sets

import { KubeObject } from '../cluster/objects';

/** True for a Gateway of Gateway API with an overlay. Others refer to a gateway that exists. */
export function isDeployedByIstiod({ kind, spec }: KubeObject): boolean {
  return kind === 'Gateway' && spec.infrastructure?.parametersRef !== undefined;
}

/** The workloads that istiod makes from these objects, with the fields of their overlays. */
export function workloadsByIstiod(objects: KubeObject[]): KubeObject[] {
  return objects.filter(isDeployedByIstiod).map(gateway => {
    const deployment = overlayOf(gateway, objects, 'deployment');
    return { ...deployment, apiVersion: 'apps/v1', kind: deployment.kind ?? 'Deployment', metadata: { ...deployment.metadata, ...nameOf(gateway) } };
  });
}

/** The same workloads, completed so that they run without istiod, and their Services. */
export function writtenByIstiod(objects: KubeObject[]): KubeObject[] {
  const workloads = workloadsByIstiod(objects);
  return objects.filter(isDeployedByIstiod).flatMap((gateway, i) => {
    const { labels } = gateway.spec.infrastructure;
    const service = overlayOf(gateway, objects, 'service');
    const { spec } = workloads[i];
    spec.template.spec.containers[0].image = 'docker.io/istio/proxyv2';
    return [
      { ...workloads[i], spec: { ...spec, selector: { matchLabels: labels } } },
      { ...service, apiVersion: 'v1', kind: 'Service', metadata: { ...service.metadata, ...nameOf(gateway) }, spec: { ...service.spec, selector: labels } },
    ];
  });
}

function overlayOf({ spec }: KubeObject, objects: KubeObject[], key: string): KubeObject {
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === spec.infrastructure.parametersRef.name);
  // null removes a field of istiod's template
  return JSON.parse(map?.data[key], (_, value: unknown) => value ?? undefined) as KubeObject;
}

function nameOf({ metadata, spec }: KubeObject): { name: string; namespace?: string } {
  return { name: `${metadata.name}-${spec.gatewayClassName}`, namespace: metadata.namespace };
}
