// front proxies: TCP in, the same TCP out to a gateway. Makes it possible to write:
//
//   const front = new FrontEnvoy(chart, 'front-envoy', { nodes, gateway });
//   front.addRoute({ serverNames: ['*.partner.example.com'], gateway: partnerGateway });
export { FrontEnvoy } from './front-envoy';
export type { FrontEnvoyProps } from './front-envoy';
export type { FrontEntryOptions } from './front-entry';
export { FrontHaproxy } from './front-haproxy';
export type { FrontHaproxyProps } from './front-haproxy';
export { FrontNginx } from './front-nginx';
export type { FrontNginxProps } from './front-nginx';
export { FrontProxy } from './front-proxy';
export { AccessLog, UnmatchedServerName, UpdateMode } from './front-proxy-props';
export type { FrontListener, FrontProxyOptions, FrontProxyProps } from './front-proxy-props';
export type { FrontRouteOptions } from './front-route';
