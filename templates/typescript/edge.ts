// the edge: change nodes, interface, address and hosts to yours

import { Chart } from 'cdk8s';
import { EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';
import { Construct } from 'constructs';

export class EdgeChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'istio-ingress' });
    const nodes = EdgeNodes.of(
      { hostname: 'edge-1', address: '192.0.2.11' },
      { hostname: 'edge-2', address: '192.0.2.12' },
    );
    const edge = new MeshEdge(this, 'edge', {
      nodes,
      networkInterface: 'eth0',
      virtualAddresses: [VirtualAddress.of('192.0.2.100')],
      preserveClientAddress: true,
      createNamespace: true,
    });
    edge.ingressGateway?.allowTrafficOnlyFrom(nodes); // any other pod could claim any client address
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
  }
}
