// the gateways of the drift guard: each written out for the host network, and as input of the injector on the pod network
import { OTHER_MESH } from './other-mesh';
import { synthesize, TWO_NODES } from './synthesize';
import { DEFAULT_MESH, Mesh } from '../cluster/istio-manifest';
import { KubeObject } from '../cluster/objects';
import { HostNetworkIngressGateway, IngressGateway } from 'cdk8s-istio-edge';

/** One gateway of the drift guard. */
export interface GatewayToInject {
  /** Its name in the drift table. */
  readonly name: string;
  readonly mesh: Mesh;
  readonly receivesProxyProtocol: boolean;
}

export const GATEWAYS_TO_INJECT: GatewayToInject[] = [
  { name: 'plain', mesh: DEFAULT_MESH, receivesProxyProtocol: false },
  { name: 'PROXY protocol', mesh: DEFAULT_MESH, receivesProxyProtocol: true },
  { name: 'revision and network', mesh: { ...OTHER_MESH, network: 'on-premises' }, receivesProxyProtocol: false },
];

/** The pod that the library writes out. */
export function writtenPod({ mesh, receivesProxyProtocol }: GatewayToInject): KubeObject {
  return podOf(synthesize(chart => new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: mesh, receivesProxyProtocol })), 'DaemonSet');
}

/** The library's labels and annotations ask for injection. The container has only its name, so the injector writes everything else. */
export function podToInject({ mesh: { revision, network, clusterDomain }, receivesProxyProtocol }: GatewayToInject): KubeObject {
  const istio = { revision, network, clusterDomain };
  const pod = podOf(synthesize(chart => new IngressGateway(chart, 'gateway', { istio, receivesProxyProtocol })), 'Deployment');
  const { serviceAccountName } = pod.spec as { serviceAccountName: string };
  // if the pod's name is generated, the injector derives the workload from the owner; the API server does not check the owner
  const { name, ...metadata } = pod.metadata;
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid: '0', controller: true };
  const container = { name: 'istio-proxy', image: 'auto', imagePullPolicy: 'IfNotPresent' };
  return {
    ...pod,
    metadata: { ...metadata, generateName: `${name}-`, ownerReferences: [owner] } as object as KubeObject['metadata'],
    spec: { serviceAccountName, containers: [container] },
  };
}

function podOf(objects: KubeObject[], kind: string): KubeObject {
  const { metadata, spec } = objects.find(object => object.kind === kind)!;
  const { template } = spec as { template: Pick<KubeObject, 'metadata' | 'spec'> };
  return { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: metadata.name, namespace: metadata.namespace } };
}
