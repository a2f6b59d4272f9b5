// T3 with Gateway API: routes as HTTPRoutes, of a Gateway that names the edge's own Service. Two hosts, one certificate each.
import { App, Chart, Duration } from 'cdk8s';
import { EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  routeApi: RouteApi.GATEWAY_API,
});
const shop = edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
shop.addPath('/api', { service: 'api', serviceNamespace: 'shop', port: 8080, timeout: Duration.seconds(15) });
edge.expose('blog.example.com', { service: 'blog', serviceNamespace: 'blog', port: 80, tlsSecretName: 'blog-tls' });

app.synth();
