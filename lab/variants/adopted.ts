// the example adopted-gateway with another front proxy
import { App, Chart, Yaml } from 'cdk8s';
import { Example, example, readObjects } from '../examples';
import { EdgeNodes, FrontProxyKind, IngressGateway, MeshEdge } from 'cdk8s-istio-edge';

export function adoptedBehind(engine: Example['engine']): Example {
  const objects = () => {
    const chart = new Chart(new App(), 'edge', { namespace: 'istio-ingress' });
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
      virtualAddresses: ['192.0.2.100'],
      frontProxy: engine as FrontProxyKind,
      gateway,
    });
    edge.frontProxy?.addRoute({ serverNames: ['*.partners.example.com'], gateway: partners });
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
    return readObjects(Yaml.stringify(...chart.toJson() as object[]));
  };
  return { ...example('adopted-gateway'), name: `adopted-gateway (${engine})`, engine, objects };
}
