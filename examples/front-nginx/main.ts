// T3 with nginx instead of Envoy: nothing else changes.
import { App, Chart } from 'cdk8s';
import { EdgeFrontProxy, EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  frontProxy: EdgeFrontProxy.nginx(),
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
