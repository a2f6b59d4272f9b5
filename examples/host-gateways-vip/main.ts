// T4: Istio's ingress gateway on the host network of two edge nodes, and one virtual IP. As T3, one hop less.
import { App, Chart } from 'cdk8s';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  frontProxy: EdgeFrontProxy.none(),
  gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } }),
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
