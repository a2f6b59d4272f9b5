// T2: Envoy on dedicated edge nodes, the gateway's replicas anywhere in the cluster. No virtual IP: clients reach the node.
import { App, Chart } from 'cdk8s';
import { EdgeGateway, EdgeNodes, MeshEdge } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

const edge = new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.named('edge-1').dedicated(),
  gateway: EdgeGateway.podNetwork({ autoscaling: { minReplicas: 2, maxReplicas: 5 } }),
});
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

app.synth();
