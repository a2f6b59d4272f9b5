// the example tcp-services, and the same by Gateway API, with Services for its servers
import { synthesize, TWO_NODES } from './synthesize';
import { Example, HA_EDGE, objectsOf } from '../edge/examples';
import { tcpServices } from '../edge/tcp-servers';
import { MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

const COMMITTED: Example = { ...HA_EDGE, name: 'tcp-services' };

export const TCP_BY_ISTIO: Example = { ...COMMITTED, name: 'TCP services by Istio\'s API', objects: () => [...objectsOf(COMMITTED), ...tcpServices()] };

export const TCP_BY_GATEWAY_API: Example = {
  ...COMMITTED,
  name: 'TCP services by Gateway API',
  objects: () => [...synthesize(chart => {
    const edge = new MeshEdge(chart, 'edge', {
      nodes: TWO_NODES,
      networkInterface: 'eth0',
      virtualAddresses: [VirtualAddress.of('192.0.2.100')],
      preserveClientAddress: true,
      createNamespace: true,
      routeApi: RouteApi.GATEWAY_API,
    });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
    edge.exposeTcp(5432, { service: 'postgres', serviceNamespace: 'db', port: 5432 });
    edge.exposeTcp(8883, { service: 'broker', serviceNamespace: 'iot', port: 8883, serverName: 'mqtt.example.com' });
    edge.exposeTcp(8883, { service: 'broker', serviceNamespace: 'iot', port: 1883, serverName: 'events.example.com', tlsSecretName: 'events-tls' });
  }), ...tcpServices()],
};
