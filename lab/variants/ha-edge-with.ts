// the example ha-edge with some props changed
import { Chart } from 'cdk8s';
import { synthesize, TWO_NODES } from './synthesize';
import { Example, HA_EDGE } from '../examples';
import { FrontProxyKind, MeshEdge, MeshEdgeProps } from 'cdk8s-istio-edge';

/** Processes of the front proxies are called as `FrontProxyKind` calls them. */
export function haEdgeWith(
  name: string, changes: Partial<MeshEdgeProps> | ((chart: Chart) => Partial<MeshEdgeProps>), client: Partial<Example> = {},
): Example {
  const engine = client.engine ?? 'envoy';
  const propsIn = (chart: Chart): MeshEdgeProps => ({
    nodes: TWO_NODES,
    networkInterface: 'eth0',
    virtualAddresses: ['192.0.2.100'],
    frontProxy: engine as FrontProxyKind,
    preserveClientAddress: true,
    createNamespace: true,
    ...typeof changes === 'function' ? changes(chart) : changes,
  });
  const objects = () => synthesize(chart => {
    const edge = new MeshEdge(chart, 'edge', propsIn(chart));
    edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
  });
  return { ...HA_EDGE, ...client, name: ['envoy', 'labtool'].includes(engine) ? name : `${name} (${engine})`, objects };
}
