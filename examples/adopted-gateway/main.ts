// T3 before a gateway that istioctl installed; partners' names go to a second gateway, by TLS server name.
import { App, Chart } from 'cdk8s';
import { EdgeGateway, EdgeNodes, IngressGateway, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const gateway = IngressGateway.fromService(chart, 'adopted', {
  name: 'istio-ingressgateway',
  namespace: 'istio-system',
  listeners: [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 8443 }],
});
const partners = IngressGateway.fromService(chart, 'partners', { name: 'partner-gateway', namespace: 'partners' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: [VirtualAddress.of('192.0.2.100')],
  gateway: EdgeGateway.existing(gateway),
});
edge.frontProxy?.addRoute({ serverNames: ['*.partners.example.com'], gateway: partners });
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
