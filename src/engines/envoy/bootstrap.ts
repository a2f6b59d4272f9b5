// ProxyModel → Envoy's Bootstrap message
import { ProxyModel } from '../proxy-model';
import { adminSocket } from './admin';
import { cluster } from './cluster';
import { healthListener, trafficListener } from './listener';
import { addedFields, addedItems, EnvoyMessage } from './message';
import { adminCluster, metricsListener } from './metrics';
import { overloadManager } from './overload';

/**
 * The whole bootstrap of a model.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
 */
export function bootstrap(model: ProxyModel): EnvoyMessage {
  return {
    admin: admin(model),
    static_resources: {
      listeners: [
        ...model.listeners.map(listener => trafficListener(listener, model)),
        healthListener(model),
        ...(model.metrics ? [metricsListener(model.metrics)] : []),
      ],
      clusters: [
        ...model.upstreams.map(upstream => cluster(upstream, model)),
        ...(model.metrics ? [adminCluster(model)] : []),
        ...addedItems(model.snippets, 'clusters'),
      ],
    },
    overload_manager: overloadManager(model),
    ...addedFields(model.snippets, 'bootstrap'),
  };
}

function admin(model: ProxyModel): EnvoyMessage {
  return {
    address: { pipe: { path: adminSocket(model), mode: 0o600 } },
    // a full proxy must still answer its readiness probe
    ignore_global_conn_limit: true,
  };
}
