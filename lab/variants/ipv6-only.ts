// each topology on nodes that have IPv6 addresses only
import { haEdgeWith } from './ha-edge-with';
import { DEFAULT_MESH } from '../cluster/istio-manifest';
import { KubeObject } from '../cluster/objects';
import { Example, LOOPBACK, objectsOf } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, MeshEdgeProps, VirtualAddress } from 'cdk8s-istio-edge';

const VIP = '2001:db8::100';
const [FIRST, SECOND] = [{ hostname: 'edge-1', address: '2001:db8::11' }, { hostname: 'edge-2', address: '2001:db8::12' }];

const ON_NODES = EdgeGateway.edgeNodes({ istio: { version: DEFAULT_MESH.version } });
const ON_HOSTS: Partial<MeshEdgeProps> = { gateway: ON_NODES, frontProxy: EdgeFrontProxy.none() };
const ONE_NODE: Partial<MeshEdgeProps> = { nodes: EdgeNodes.of(FIRST), virtualAddresses: undefined, networkInterface: undefined };
const BY_NODE: Partial<Example> = { address: FIRST.address, virtual: false, nodes: [FIRST.hostname] };
const BY_VIP: Partial<MeshEdgeProps> = { nodes: EdgeNodes.of(FIRST, SECOND), virtualAddresses: [VirtualAddress.of(VIP)] };

type Engine = Example['engine'];

export const ONE_HOST_GATEWAY = haEdgeWith('T1, host gateway', { ...ONE_NODE, ...ON_HOSTS }, { ...BY_NODE, engine: 'labtool' });
export const oneFront = (engine: Engine) => haEdgeWith('T2, front proxy', ONE_NODE, { ...BY_NODE, engine });
export const fronts = (engine: Engine) => gatewaysOnWorker(haEdgeWith('T3, front proxies', BY_VIP, { address: VIP, engine }));
export const HOST_GATEWAYS = haEdgeWith('T4, host gateways', { ...BY_VIP, ...ON_HOSTS }, { address: VIP, engine: 'labtool' });
export const onLoopback = (engine: Engine) => haEdgeWith(
  'T5, front proxies and gateways', { ...BY_VIP, gateway: ON_NODES }, { address: VIP, engine, gatewayOnEachNode: LOOPBACK.gatewayOnEachNode },
);

/** No gateway on edge nodes, so that no gateway is lost with an edge node. */
function gatewaysOnWorker(one: Example): Example {
  return { ...one, objects: () => objectsOf(one).map(object => object.kind === 'Deployment' ? onWorker(object) : object) };
}

function onWorker({ spec, ...object }: KubeObject): KubeObject {
  const { template } = spec;
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, nodeSelector: { 'lab/role': 'worker' } } } } };
}
