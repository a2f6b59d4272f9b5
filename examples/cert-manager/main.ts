// T3 with certificates of Let's Encrypt: cert-manager issues and renews them by HTTP-01, through the edge itself.
import { ApiObject, App, Chart } from 'cdk8s';
import { EdgeCertificate, EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

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
  createNamespace: true,
});
new ApiObject(chart, 'issuer', {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Issuer',
  metadata: { name: 'letsencrypt' },
  spec: {
    acme: {
      server: 'https://acme-v02.api.letsencrypt.org/directory',
      privateKeySecretRef: { name: 'letsencrypt-account' },
      // the solver's route joins the edge's own Gateway for port 80
      solvers: [{ http01: { gatewayHTTPRoute: { parentRefs: [{ kind: 'Gateway', name: 'edge-http', sectionName: 'http' }] } } }],
    },
  },
});
edge.expose('shop.example.com', {
  service: 'shop', serviceNamespace: 'shop', port: 8080, certificate: EdgeCertificate.issuer('letsencrypt'),
});

app.synth();
