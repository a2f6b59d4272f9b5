// ProxyModel → Envoy's Bootstrap message
import { ProxyModel } from '../proxy-model';
import { cluster } from './cluster';
import { healthListener, trafficListener } from './listener';
import { EnvoyMessage } from './message';
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
      listeners: [...model.listeners.map(listener => trafficListener(listener, model)), healthListener(model)],
      clusters: model.upstreams.map(upstream => cluster(upstream, model)),
    },
    overload_manager: overloadManager(model),
  };
}

/**
 * In the run directory. A port would be open to every process of the node, and `/quitquitquit` ends Envoy for any
 * caller.
 */
export function adminSocket({ runDirectory }: ProxyModel): string {
  return `${runDirectory}/admin.sock`;
}

function admin(model: ProxyModel): EnvoyMessage {
  return {
    address: { pipe: { path: adminSocket(model), mode: 0o600 } },
    // a full proxy must still answer its readiness probe
    ignore_global_conn_limit: true,
  };
}
