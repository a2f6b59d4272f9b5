// T3 with a gateway that istiod deploys: replicas on the pod network, behind Envoy on two edge nodes, with routes of Gateway API.
import { App, Chart } from 'cdk8s';
import { EdgeGateway, EdgeNodes, ManagedIngressGateway, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const nodes = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11' },
  { hostname: 'edge-2', address: '192.0.2.12' },
);
const gateway = new ManagedIngressGateway(chart, 'gateway', { replicas: 3, receivesProxyProtocol: true });
// the gateway believes what a PROXY header says: only the front proxies may send it one
gateway.allowTrafficOnlyFrom(nodes);

const edge = new MeshEdge(chart, 'edge', {
  nodes,
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  gateway: EdgeGateway.existing(gateway),
  preserveClientAddress: true,
  routeApi: RouteApi.GATEWAY_API,
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
