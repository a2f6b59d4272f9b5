// the example ha-edge after the changes that docs/planned-changes.md describes
import { haEdgeWith } from './ha-edge-with';
import { EdgeNodes, VirtualAddress } from 'cdk8s-istio-edge';

export const TWO_ADDRESSES = haEdgeWith('ha-edge, two addresses', {
  virtualAddresses: [VirtualAddress.of('192.0.2.100'), VirtualAddress.of('192.0.2.101')],
});

/** With one address again, and HAProxy in place of Envoy. */
export const HAPROXY_INSTEAD = haEdgeWith('ha-edge', {}, { engine: 'haproxy' });

/** edge-1 is dead. The node that is there already comes first: it has the address. */
export const ANOTHER_NODE = haEdgeWith('ha-edge, another node', {
  nodes: EdgeNodes.of({ hostname: 'edge-2', address: '192.0.2.12' }, { hostname: 'edge-3', address: '192.0.2.13' }),
});
