import type { ProxyModel } from '../../../../src/engines/proxy-model';
import { proxy as pods } from '../pods-proxy-protocol/model';

/** Both families on every listener. */
export const proxy: ProxyModel = {
  ...pods,
  listeners: pods.listeners.map(listener => ({ ...listener, addresses: ['0.0.0.0', '::'] })),
};
