// T3 with two entries: public sites at one virtual address, internal sites at another, on the same nodes and front proxies
import { App, Chart } from 'cdk8s';
import { EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const nodes = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11' },
  { hostname: 'edge-2', address: '192.0.2.12' },
);
const edge = new MeshEdge(chart, 'edge', {
  nodes,
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  preserveClientAddress: true,
  createNamespace: true,
});
const inside = edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] });

// any other pod could claim any client address
edge.ingressGateway?.allowTrafficOnlyFrom(nodes);
inside.ingressGateway?.allowTrafficOnlyFrom(nodes);

edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
inside.expose('grafana.example.internal', { service: 'grafana', serviceNamespace: 'monitoring', port: 3000, tlsSecretName: 'grafana-tls' });

app.synth();
