// the whole edge at once. Makes it possible to write:
//
//   const edge = new MeshEdge(chart, 'mesh-edge', { nodes, networkInterface: 'eth0', virtualAddresses: ['192.0.2.100'] });
//   edge.expose('shop.example.com', { service: 'shop', serviceNamespace: 'shop', port: 8080, tlsSecretName: 'shop-tls' });
export type { ExposeOptions, RetryPolicy } from './expose-options';
export { MeshEdge } from './mesh-edge';
export { FrontProxyKind, GatewayPlacement } from './mesh-edge-props';
export type { MeshEdgeProps } from './mesh-edge-props';
export { RouteApi, TlsRouteVersion } from './route-api';
export type { GatewayApiOptions } from './route-api';
