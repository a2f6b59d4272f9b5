// the example ha-edge with some props changed
import { Chart } from 'cdk8s';
import { synthesize, TWO_NODES } from './synthesize';
import { Example, HA_EDGE } from '../edge/examples';
import { EdgeFrontProxy, FrontProxyOptions, MeshEdge, MeshEdgeProps, VirtualAddress } from 'cdk8s-istio-edge';

export function haEdgeWith(
  name: string, changes: Partial<MeshEdgeProps> | ((chart: Chart) => Partial<MeshEdgeProps>), client: Partial<Example> = {},
): Example {
  const engine = client.engine ?? 'envoy';
  const propsIn = (chart: Chart): MeshEdgeProps => ({
    nodes: TWO_NODES,
    networkInterface: 'eth0',
    virtualAddresses: [VirtualAddress.of('192.0.2.100')],
    frontProxy: frontProxyOf(engine),
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

/** Envoy, unless the engine is another front proxy. */
export function frontProxyOf(engine: Example['engine'], options?: FrontProxyOptions): EdgeFrontProxy {
  switch (engine) {
    case 'haproxy': return EdgeFrontProxy.haproxy(options);
    case 'nginx': return EdgeFrontProxy.nginx(options);
    default: return EdgeFrontProxy.envoy(options);
  }
}
