import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as passthrough } from '../passthrough/model';

const IPV4_AND_IPV6 = ['0.0.0.0', '::'];
const NAMES = 'internal.istio-ingress.svc.cluster.local';

/**
 * Two addresses beside those of the edge. `inside` has a gateway that wants PROXY protocol, and a port of its own (8443), but not
 * the edge's 22. `mail` has port 443 only.
 */
export const proxy: ProxyModel = {
  ...passthrough,
  logsSuccess: false,
  listeners: [
    { name: 'http', addresses: IPV4_AND_IPV6, port: 80, routes: [], defaultUpstream: 'gateway-80' },
    {
      name: 'https',
      addresses: IPV4_AND_IPV6,
      port: 443,
      routes: [{ serverName: 'shop.example.com', upstream: 'gateway-80' }],
      defaultUpstream: 'gateway-443',
    },
    { name: 'tcp-22', addresses: IPV4_AND_IPV6, port: 22, routes: [], defaultUpstream: 'gateway-443' },
    { name: 'tcp-8443', addresses: IPV4_AND_IPV6, port: 8443, routes: [] },
  ],
  entries: [
    {
      name: 'inside',
      addresses: ['192.0.2.101', '2001:db8::101', '192.0.2.102'],
      upstreams: { 'http': 'internal-80', 'https': 'internal-443', 'tcp-8443': 'internal-8443' },
    },
    { name: 'mail', addresses: ['192.0.2.103'], upstreams: { https: 'mail-443' } },
  ],
  upstreams: [
    ...passthrough.upstreams,
    { name: 'internal-80', service: { host: NAMES, port: 80 }, sendProxyProtocol: true },
    { name: 'internal-443', service: { host: NAMES, port: 443 }, sendProxyProtocol: true },
    { name: 'internal-8443', service: { host: NAMES, port: 8443 }, sendProxyProtocol: true },
    { name: 'mail-443', service: { host: 'mail.istio-ingress.svc.cluster.local', port: 443 }, sendProxyProtocol: false },
  ],
};
