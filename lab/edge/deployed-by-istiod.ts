// gateways for which istiod writes the workload: what it is called, and what of it the example says

import { KubeObject } from '../cluster/objects';

/** A Gateway of Gateway API that names an overlay; others are routes to a gateway that is there. */
export function isDeployedByIstiod({ kind, spec }: KubeObject): boolean {
  return kind === 'Gateway' && spec.infrastructure?.parametersRef !== undefined;
}

/** The workloads that istiod makes of these objects, as far as their overlays say it. */
export function workloadsByIstiod(objects: KubeObject[]): KubeObject[] {
  return objects.filter(isDeployedByIstiod).map(gateway => {
    const deployment = overlayOf(gateway, objects, 'deployment');
    return { ...deployment, apiVersion: 'apps/v1', kind: deployment.kind ?? 'Deployment', metadata: { ...deployment.metadata, ...nameOf(gateway) } };
  });
}

/** The same with what is missing to run them without istiod, and their Services. */
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
  // null takes away what istiod's template says
  return JSON.parse(map?.data[key], (_, value: unknown) => value ?? undefined) as KubeObject;
}

function nameOf({ metadata, spec }: KubeObject): { name: string; namespace?: string } {
  return { name: `${metadata.name}-${spec.gatewayClassName}`, namespace: metadata.namespace };
}
