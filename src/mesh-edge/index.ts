// the whole edge at once. Makes it possible to write:
//
//   const edge = new MeshEdge(chart, 'mesh-edge', { nodes, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
//   edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
export { EdgeCertificate } from './edge-certificate';
export type { EdgeCertificateOptions } from './edge-certificate';
export { EdgeFrontProxy } from './edge-front-proxy';
export { EdgeGateway } from './edge-gateway';
export type { MeshEdgeEntryOptions } from './entry-options';
export type {
  BackendOptions, BackendTls, ExposeOptions, ExposeTcpOptions, PathOptions, RetryPolicy, TlsPassthroughOptions,
} from './expose-options';
export { ExposedHost } from './exposed-host';
export { ExposedRoute } from './exposed-route';
export { MeshEdge } from './mesh-edge';
export { MeshEdgeEntry } from './mesh-edge-entry';
export type { MeshEdgeProps } from './mesh-edge-props';
export { RouteApi, TcpRouteVersion, TlsRouteVersion } from './route-api';
export type { GatewayApiOptions } from './route-api';
