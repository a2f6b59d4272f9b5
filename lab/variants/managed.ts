// gateways that istiod deploys, in each topology
import { Chart } from 'cdk8s';
import { haEdgeWith } from './ha-edge-with';
import { OTHER_MESH } from './other-mesh';
import { Through } from './routes';
import { TWO_NODES, synthesize } from './synthesize';
import { Example, HA_EDGE, example } from '../edge/examples';
import {
  EdgeFrontProxy, EdgeGateway, EdgeNodes, ManagedHostNetworkIngressGateway, ManagedHostNetworkIngressGatewayProps, ManagedIngressGateway,
  ManagedIngressGatewayProps, MeshEdge, MeshEdgeProps, RouteApi,
} from 'cdk8s-istio-edge';

/** T4: a gateway on each node, which answers clients itself. */
export const ON_MANAGED_HOSTS: Through = {
  name: 'managed host gateways',
  props: chart => hostGateways(chart),
  client: { engine: 'labtool' },
};

/** T3: gateways on the pod network. */
export const BY_MANAGED_PODS: Through = { name: 'managed gateways', props: chart => podGateways(chart), client: {} };

/** T4: a gateway on each node behind the virtual IP. */
export function managedOnHosts(props: Partial<ManagedHostNetworkIngressGatewayProps> = {}, routeApi = RouteApi.ISTIO, name = 'managed host gateways'): Example {
  return haEdgeWith(name, chart => ({ ...hostGateways(chart, props), routeApi }), example('host-gateways-vip'));
}

/** The same as a Deployment. */
export const MANAGED_DEPLOYMENT = managedOnHosts({ replicas: 2 }, RouteApi.ISTIO, 'managed host gateways as a Deployment');

/** T1: one node, at its own address. */
export const MANAGED_ON_ONE_HOST: Example = {
  ...example('host-gateway'),
  name: 'managed host gateway',
  objects: () => synthesize(chart => {
    const nodes = EdgeNodes.named('edge-1');
    const gateway = new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes });
    const edge = new MeshEdge(chart, 'edge', { nodes, gateway: EdgeGateway.existing(gateway), frontProxy: EdgeFrontProxy.none(), createNamespace: true });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
  }),
};

/** T5: a gateway on 127.0.0.1 of each node, behind its front proxy. */
export function managedOnLoopback(engine: Example['engine']): Example {
  return haEdgeWith('managed gateways on 127.0.0.1', chart => ({
    gateway: EdgeGateway.existing(new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, loopbackOnly: true })),
  }), { ...HA_EDGE, engine, gatewayOnEachNode: true });
}

/** T3, and T2 at the addresses of its nodes: gateways on the pod network. */
export function managedBehind(engine: Example['engine'], routeApi = RouteApi.ISTIO): Example {
  return haEdgeWith('managed gateways behind front proxies', chart => ({ ...podGateways(chart), routeApi }), { engine });
}

const { revision, namespace: istioNamespace, clusterDomain } = OTHER_MESH;

/** In a mesh without Istio's default names. */
export const MANAGED_IN_OTHER_MESH = managedOnHosts(
  { revision, istioNamespace, clusterDomain, edgeProfile: true }, RouteApi.ISTIO, 'managed host gateways of another mesh',
);

export const MANAGED_BEHIND_FRONT_IN_OTHER_MESH = haEdgeWith('managed gateways of another mesh', chart => podGateways(chart, { revision, clusterDomain, edgeProfile: true }));

function hostGateways(chart: Chart, props: Partial<ManagedHostNetworkIngressGatewayProps> = {}): Partial<MeshEdgeProps> {
  const gateway = new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, ...props });
  return { gateway: EdgeGateway.existing(gateway), frontProxy: EdgeFrontProxy.none() };
}

function podGateways(chart: Chart, props: ManagedIngressGatewayProps = {}): Partial<MeshEdgeProps> {
  const gateway = new ManagedIngressGateway(chart, 'gateway', { receivesProxyProtocol: true, ...props });
  gateway.allowTrafficOnlyFrom(TWO_NODES);
  return { gateway: EdgeGateway.existing(gateway), preserveClientAddress: true };
}
