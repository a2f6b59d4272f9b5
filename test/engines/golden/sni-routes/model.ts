import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as passthrough } from '../passthrough/model';

/** Routes by the TLS server name. A connection without a route is closed, and only such connections are logged. */
export const proxy: ProxyModel = {
  ...passthrough,
  logsSuccess: false,
  listeners: [
    { name: 'http', addresses: ['0.0.0.0'], port: 80, routes: [], defaultUpstream: 'gateway-80' },
    {
      name: 'https',
      addresses: ['0.0.0.0'],
      port: 443,
      routes: [
        { serverName: '*.example.com', upstream: 'gateway-443' },
        { serverName: '*.shop.example.com', upstream: 'shop-443' },
        { serverName: 'shop.example.com', upstream: 'shop-443' },
      ],
    },
    {
      name: 'tcp-8443',
      addresses: ['0.0.0.0'],
      port: 8443,
      routes: [{ serverName: 'admin.example.com', upstream: 'shop-443' }],
      defaultUpstream: 'gateway-443',
    },
  ],
  upstreams: [
    ...passthrough.upstreams,
    { name: 'shop-443', service: { host: 'shop.other.svc.cluster.local', port: 443 }, sendProxyProtocol: false },
  ],
};
