// T5: Envoy and Istio's ingress gateway on each of two edge nodes, and one virtual IP. The gateway listens on 127.0.0.1 only: it needs no
// privilege, and only the Envoy of its node can tell it a client's address.
import { App, Chart } from 'cdk8s';
import { EdgeGateway, EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } }),
  createNamespace: true,
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
