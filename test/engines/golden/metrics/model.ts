import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as dualStack } from '../dual-stack/model';

/** Metrics for two networks of each family, and two virtual addresses that do not answer. */
export const proxy: ProxyModel = {
  ...dualStack,
  metrics: {
    addresses: ['0.0.0.0', '::'],
    port: 341,
    readers: ['10.244.0.0/16', '192.0.2.0/24', '127.0.0.0/8', '2001:db8:1::/64', '::1/128'],
    refusedAt: ['192.0.2.100', '2001:db8::100'],
  },
};
