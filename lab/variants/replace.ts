// ha-edge, whose front proxies are replaced the way most manifests do it: the old one ends before the new one begins
import { App, Chart } from 'cdk8s';
import { EdgeNodes, FrontProxyKind, MeshEdge, UpdateMode } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: ['192.0.2.100'],
  frontProxy: (process.env.LAB_FRONT_PROXY ?? 'envoy') as FrontProxyKind,
  frontProxyOptions: { updateMode: UpdateMode.REPLACE },
  createNamespace: true,
});

app.synth();
