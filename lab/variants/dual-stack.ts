// a virtual IP that is an IPv4 and an IPv6 address, in one VRRP instance
import { haEdgeWith } from './ha-edge-with';
import { EdgeNodes, VirtualAddress } from 'cdk8s-istio-edge';

export const IPV6_VIP = '2001:db8::100';

export const DUAL_STACK = haEdgeWith('dual-stack', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
    { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
  ),
  virtualAddresses: undefined,
  virtualAddressList: [VirtualAddress.of('192.0.2.100', { ipv6Address: IPV6_VIP })],
});
