// the example ha-edge after the changes that docs/planned-changes.md describes
import { haEdgeWith } from './ha-edge-with';
import { VirtualAddress } from 'cdk8s-istio-edge';

export const TWO_ADDRESSES = haEdgeWith('ha-edge, two addresses', {
  virtualAddresses: [VirtualAddress.of('192.0.2.100'), VirtualAddress.of('192.0.2.101')],
});

/** With one address again, and HAProxy in place of Envoy. */
export const HAPROXY_INSTEAD = haEdgeWith('ha-edge', {}, { engine: 'haproxy' });
