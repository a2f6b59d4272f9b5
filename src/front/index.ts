// front proxies: TCP in, the same TCP out to a gateway. Makes it possible to write:
//
//   const front = new FrontEnvoy(chart, 'front-envoy', { nodes, gateway });
//   front.addRoute({ serverNames: ['*.partner.example.com'], gateway: partnerGateway });
export { FrontEnvoy, FrontEnvoyProps } from './front-envoy';
export { FrontHaproxy, FrontHaproxyProps } from './front-haproxy';
export { FrontNginx, FrontNginxProps } from './front-nginx';
export { FrontProxy } from './front-proxy';
export { FrontListener, FrontProxyOptions, FrontProxyProps, FrontRouteOptions, UnmatchedServerName, UpdateMode } from './front-proxy-props';
