// the example ha-edge with some props changed, synthesized by the library as it is compiled now
import { App, Chart, Yaml } from 'cdk8s';
import { Example, HA_EDGE, readObjects } from '../examples';
import { EdgeNodes, FrontProxyKind, MeshEdge, MeshEdgeProps } from 'cdk8s-istio-edge';

/** Processes of the front proxies are called as `FrontProxyKind` calls them. */
export function haEdgeWith(name: string, changes: Partial<MeshEdgeProps>, client: Partial<Example> = {}): Example {
  const engine = client.engine ?? 'envoy';
  const props: MeshEdgeProps = {
    nodes: EdgeNodes.of(
      { hostname: 'edge-1', address: '192.0.2.11' },
      { hostname: 'edge-2', address: '192.0.2.12' },
    ),
    networkInterface: 'eth0',
    virtualAddresses: ['192.0.2.100'],
    frontProxy: engine as FrontProxyKind,
    preserveClientAddress: true,
    createNamespace: true,
    ...changes,
  };
  const objects = () => {
    const chart = new Chart(new App(), 'edge', { namespace: 'istio-ingress' });
    const edge = new MeshEdge(chart, 'edge', props);
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
    return readObjects(Yaml.stringify(...chart.toJson() as object[]));
  };
  return { ...HA_EDGE, ...client, name: ['envoy', 'labtool'].includes(engine) ? name : `${name} (${engine})`, objects };
}
