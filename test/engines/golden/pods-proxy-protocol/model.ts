import type { ProxyModel, ServiceUpstream } from '../../../../src/engines/proxy-model';
import { proxy as passthrough } from '../passthrough/model';

/** The library's own gateway: its pods are dialled one by one and get PROXY protocol; memory is limited. */
const pods = { host: 'gateway-pods.istio-ingress.svc.cluster.local', health: { port: 15021, path: '/healthz/ready' } };

export const proxy: ProxyModel = {
  ...passthrough,
  memoryLimitBytes: 1024 * 1024 * 1024,
  upstreams: (passthrough.upstreams as ServiceUpstream[]).map(upstream => ({
    ...upstream,
    pods: { ...pods, port: upstream.service.port === 80 ? 8080 : 8443 },
    sendProxyProtocol: true,
  })),
};
