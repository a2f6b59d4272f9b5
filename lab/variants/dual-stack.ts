// ha-edge, whose virtual IP is an IPv4 and an IPv6 address that move together
import { App, Chart } from 'cdk8s';
import { EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'istio-ingress' });

new MeshEdge(chart, 'edge', {
  nodes: EdgeNodes.of(
    { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
    { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
  ),
  networkInterface: 'eth0',
  virtualAddressList: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })],
  createNamespace: true,
});

app.synth();
