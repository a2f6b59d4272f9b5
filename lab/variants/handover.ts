// an address of each family that moves plainly, and one that moves without breaking a connection
import { haEdgeWith } from './ha-edge-with';
import { EdgeNodes, Handover, VirtualAddress } from 'cdk8s-istio-edge';

export const IPV6_ADDRESS = '2001:db8::100';

const moving = (handover: Handover) => ({
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
    { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
  ),
  virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: IPV6_ADDRESS })],
  vip: { handover },
});

export const PLAIN = haEdgeWith('plain hand-over', moving(Handover.PLAIN));
export const SEAMLESS = haEdgeWith('seamless hand-over', moving(Handover.SEAMLESS));
