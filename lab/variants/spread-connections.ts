// three nodes that serve one address together
import { Duration } from 'cdk8s';
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { IPV6_ADDRESS } from './handover';
import { Example } from '../edge/examples';
import { EdgeNodes, Handover, VirtualAddress } from 'cdk8s-istio-edge';

export const SPREAD: Example = haEdgeWith('three nodes behind one address', {
  nodes: EdgeNodes.of(...[1, 2, 3].map(i => ({ hostname: `edge-${i}`, address: `192.0.2.1${i}`, ipv6Address: `2001:db8::1${i}` }))),
  virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: IPV6_ADDRESS })],
  vip: { handover: Handover.seamless({ spreadConnections: true }) },
  frontProxy: frontProxyOf('envoy', { drainTimeout: Duration.minutes(10) }),
}, { nodes: ['edge-1', 'edge-2', 'edge-3'] });
