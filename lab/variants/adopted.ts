// the example adopted-gateway with another front proxy
import { frontProxyOf } from './ha-edge-with';
import { synthesize, TWO_NODES } from './synthesize';
import { Example, example } from '../edge/examples';
import { EdgeGateway, IngressGateway, MeshEdge, VirtualAddress } from 'cdk8s-istio-edge';

export function adoptedBehind(engine: Example['engine']): Example {
  const objects = () => synthesize(chart => {
    const gateway = IngressGateway.fromService(chart, 'adopted', {
      name: 'istio-ingressgateway',
      namespace: 'istio-system',
      listeners: [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 8443 }],
    });
    const partners = IngressGateway.fromService(chart, 'partners', { name: 'partner-gateway', namespace: 'partners' });
    const edge = new MeshEdge(chart, 'edge', {
      nodes: TWO_NODES,
      networkInterface: 'eth0',
      virtualAddresses: [VirtualAddress.of('192.0.2.100')],
      frontProxy: frontProxyOf(engine),
      gateway: EdgeGateway.existing(gateway),
    });
    edge.frontProxy?.addRoute({ serverNames: ['*.partners.example.com'], gateway: partners });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
  });
  return { ...example('adopted-gateway'), name: `adopted-gateway (${engine})`, engine, objects };
}
