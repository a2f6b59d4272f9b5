// PostgreSQL on port 5432 and MQTT over TLS on port 8883, beside HTTPS: exposeTcp(), on the edge of the example ha-edge.
import { App, Chart } from 'cdk8s';
import { EdgeNodes, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

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
  preserveClientAddress: true,
  createNamespace: true,
});
edge.ingressGateway?.allowTrafficOnlyFrom(nodes); // any other pod could claim any client address
edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });

// all connections of the port go to one service
edge.exposeTcp(5432, { service: 'postgres', serviceNamespace: 'db', port: 5432 });

// two names on one port: the first broker has its own certificate, and for the second the gateway has it
edge.exposeTcp(8883, { service: 'broker', serviceNamespace: 'iot', port: 8883, serverName: 'mqtt.example.com' });
edge.exposeTcp(8883, { service: 'broker', serviceNamespace: 'iot', port: 1883, serverName: 'events.example.com', tlsSecretName: 'events-tls' });

app.synth();
