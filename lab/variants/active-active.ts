// ha-edge with two virtual IPs, one on each node while both are well
import { App, Chart, Duration } from 'cdk8s';
import { EdgeNodes, MeshEdge } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11' },
    { hostname: 'edge-2', address: '192.0.2.12' },
  ),
  networkInterface: 'eth0',
  virtualAddresses: ['192.0.2.100', '192.0.2.101'],
  vipOptions: { spread: true, preemptDelay: Duration.seconds(8) },
  createNamespace: true,
});

app.synth();
