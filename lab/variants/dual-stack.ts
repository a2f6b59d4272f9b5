// virtual IPs of both families, in one VRRP instance, and of IPv6 alone
import { haEdgeWith } from './ha-edge-with';
import { DEFAULT_MESH, Mesh } from '../cluster/istio-manifest';
import { HA_EDGE, LOOPBACK } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, ManagedHostNetworkIngressGateway, MeshEdgeProps, VirtualAddress } from 'cdk8s-istio-edge';

export const IPV6_VIP = '2001:db8::100';

const NODES = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
  { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
);

const BOTH_FAMILIES: Partial<MeshEdgeProps> = {
  nodes: NODES,
  virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: IPV6_VIP })],
};

export const DUAL_STACK = haEdgeWith('dual-stack', BOTH_FAMILIES);

/** The lab's machines have both families: Istio's proxy there opens `::` only if istiod runs with ISTIO_DUAL_STACK. */
export const DUAL_STACK_MESH: Mesh = { ...DEFAULT_MESH, dualStack: true };
const istio = { version: DUAL_STACK_MESH.version, dualStack: true };

/** T4. */
export const DUAL_STACK_ON_HOSTS = haEdgeWith(
  'dual-stack host gateways',
  { ...BOTH_FAMILIES, frontProxy: EdgeFrontProxy.none(), gateway: EdgeGateway.edgeNodes({ istio }) },
  { engine: 'labtool' },
);

/** The same, their pods written by istiod. */
export const DUAL_STACK_DEPLOYED = haEdgeWith('dual-stack gateways that istiod deploys', chart => ({
  ...BOTH_FAMILIES,
  gateway: EdgeGateway.existing(new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes: NODES, dualStack: true })),
  frontProxy: EdgeFrontProxy.none(),
}), { engine: 'labtool' });

/** T5, as if the nodes had IPv6 only: the gateway listens on ::1, the virtual IP checks it there, and adverts are IPv6. */
export const IPV6_ON_LOOPBACK = haEdgeWith('IPv6 gateways on loopback', {
  nodes: EdgeNodes.of({ hostname: 'edge-1', address: '2001:db8::11' }, { hostname: 'edge-2', address: '2001:db8::12' }),
  virtualAddresses: [VirtualAddress.of(IPV6_VIP)],
  gateway: EdgeGateway.edgeNodes({ istio }),
}, { ...HA_EDGE, address: IPV6_VIP, gatewayOnEachNode: LOOPBACK.gatewayOnEachNode });
