// an edge and an entry whose addresses external-dns publishes
import { synthesize } from './synthesize';
import { KubeObject } from '../cluster/objects';
import { EdgeNodes, MeshEdge, RouteApi, VirtualAddress } from 'cdk8s-istio-edge';

const NODES = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' },
  { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' },
);

const OF_EDGE = ['A 192.0.2.100', 'AAAA 2001:db8::100'];

/** Every host → its records. */
export const PUBLISHED: { readonly [host: string]: string[] } = {
  'shop.example.com': OF_EDGE,
  'plain.example.com': OF_EDGE,
  '*.partners.example.com': OF_EDGE,
  'vault.example.com': OF_EDGE,
  'grafana.example.internal': ['A 192.0.2.101'],
};

export function publishedBy(routeApi: RouteApi, externalDns: boolean = true): KubeObject[] {
  return synthesize(chart => {
    const edge = new MeshEdge(chart, 'edge', {
      nodes: NODES,
      networkInterface: 'eth0',
      virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })],
      routeApi,
      externalDns,
    });
    const service = { service: 'shop', port: 80 };
    edge.expose('shop.example.com', { ...service, tlsSecretName: 'shop-tls' });
    edge.expose('plain.example.com', service);
    edge.expose('*.partners.example.com', { ...service, tlsSecretName: 'partners-tls' });
    edge.exposeTlsPassthrough('vault.example.com', service);
    edge.exposeTcp(5432, { service: 'postgres', port: 5432 });
    edge.addEntry('inside', { virtualAddresses: [VirtualAddress.of('192.0.2.101')] }).expose('grafana.example.internal', service);
  });
}
