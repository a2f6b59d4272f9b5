// T1: Istio's ingress gateway on the host network of one edge node. The simplest edge that there is.
import { App, Chart } from 'cdk8s';
import { EdgeFrontProxy, EdgeGateway, EdgeNodes, MeshEdge } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.named('edge-1'),
  frontProxy: EdgeFrontProxy.none(),
  gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } }),
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
