import type { ProxyModel } from '../../../../src/engines/proxy-model';

/** The plainest front: 80 and 443 to an adopted gateway's ClusterIP Service. */
export const proxy: ProxyModel = {
  name: 'edge-front',
  listeners: [
    { name: 'http', addresses: ['0.0.0.0'], port: 80, routes: [], defaultUpstream: 'gateway-80' },
    { name: 'https', addresses: ['0.0.0.0'], port: 443, routes: [], defaultUpstream: 'gateway-443' },
  ],
  upstreams: [
    { name: 'gateway-80', service: { host: 'gateway.istio-ingress.svc.cluster.local', port: 80 }, sendProxyProtocol: false },
    { name: 'gateway-443', service: { host: 'gateway.istio-ingress.svc.cluster.local', port: 443 }, sendProxyProtocol: false },
  ],
  health: { address: '127.0.0.1', port: 340, path: '/healthz' },
  connectTimeoutMs: 250,
  maxConnectAttempts: 3,
  idleTimeoutMs: 3_600_000,
  keepAlive: { idleSeconds: 60, intervalSeconds: 15, probes: 4 },
  clientHelloTimeoutMs: 5_000,
  podChecks: { intervalMs: 2_000, fall: 2, rise: 1 },
  reservedFileDescriptors: 512,
  logsSuccess: true,
  maxConnections: 30_000,
  fileDescriptors: 65_536,
  concurrency: 2,
  runDirectory: '/run/front',
};
