// ha-edge with an advert interval of 100 ms instead of the default's 200: the project's goals are stated for it
import { App, Chart, Duration, Yaml } from 'cdk8s';
import { Example, HA_EDGE, readObjects } from '../examples';
import { EdgeNodes, MeshEdge } from 'cdk8s-istio-edge';

export const FAST_ADVERTS: Example = {
  ...HA_EDGE,
  name: 'ha-edge-100-ms',
  objects: () => {
    const chart = new Chart(new App(), 'edge', { namespace: 'istio-ingress' });
    const edge = new MeshEdge(chart, 'edge', {
      nodes: EdgeNodes.of(
        { hostname: 'edge-1', address: '192.0.2.11' },
        { hostname: 'edge-2', address: '192.0.2.12' },
      ),
      networkInterface: 'eth0',
      virtualAddresses: ['192.0.2.100'],
      vipOptions: { advertInterval: Duration.millis(100) },
      preserveClientAddress: true,
      createNamespace: true,
    });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
    return readObjects(Yaml.stringify(...chart.toJson() as object[]));
  },
};
