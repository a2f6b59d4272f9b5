import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as passthrough } from '../passthrough/model';

/** The gateway of the same node, on loopback: no name to resolve, no health check, PROXY protocol. */
export const proxy: ProxyModel = {
  ...passthrough,
  upstreams: [
    { name: 'gateway-80', local: { address: '127.0.0.1', port: 10080 }, sendProxyProtocol: true },
    { name: 'gateway-443', local: { address: '127.0.0.1', port: 10443 }, sendProxyProtocol: true },
  ],
};
