// T4 with gateways that istiod deploys: on the host network of two edge nodes, behind one virtual IP, with routes of Gateway API.
import { App, Chart } from 'cdk8s';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, ManagedHostNetworkIngressGateway, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

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
  gateway: EdgeGateway.existing(new ManagedHostNetworkIngressGateway(chart, 'gateway', { nodes })),
  frontProxy: EdgeFrontProxy.none(),
  routeApi: RouteApi.GATEWAY_API,
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
