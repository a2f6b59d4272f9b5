// an edge with everything that clients can attack: metrics, the client's address in PROXY headers, a listener that reads server names.
// A NetworkPolicy lists who may reach the gateway
import { Chart } from 'cdk8s';
import { frontProxyOf } from './ha-edge-with';
import { synthesize, TWO_NODES } from './synthesize';
import { Example, HA_EDGE } from '../edge/examples';
import { MeshEdge, Monitoring, VirtualAddress } from 'cdk8s-istio-edge';

/** Address of the only machine that may read the metrics. */
const READER = '192.0.2.21';

export function attacked(engine: Example['engine']): Example {
  const objects = () => synthesize((chart: Chart) => {
    const edge = new MeshEdge(chart, 'edge', {
      nodes: TWO_NODES,
      networkInterface: 'eth0',
      virtualAddresses: [VirtualAddress.of(HA_EDGE.address)],
      frontProxy: frontProxyOf(engine),
      monitoring: Monitoring.annotations({ from: [`${READER}/32`] }),
      preserveClientAddress: true,
      createNamespace: true,
    });
    edge.ingressGateway?.allowTrafficOnlyFrom(TWO_NODES);
    edge.frontProxy?.addRoute({ serverNames: ['partner.example.com'], gateway: edge.gateway });
  });
  return { ...HA_EDGE, engine, name: `attacked (${engine})`, objects };
}
