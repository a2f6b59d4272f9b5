// ProxyModel → Envoy's Bootstrap message
import { ProxyModel } from '../proxy-model';
import { cluster } from './cluster';
import { ApiObject, socketAddress } from './extension';
import { healthListener, trafficListener } from './listener';
import { overloadManager } from './overload';

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto */
export function bootstrap(model: ProxyModel): ApiObject {
  return {
    admin: admin(),
    static_resources: {
      listeners: [...model.listeners.map(listener => trafficListener(listener, model)), healthListener(model)],
      clusters: model.upstreams.map(upstream => cluster(upstream, model)),
    },
    overload_manager: overloadManager(model),
  };
}

/** On a port that the kernel chooses: two Envoys share the node during an update. `--admin-address-path` says where it is. */
function admin(): ApiObject {
  return {
    address: socketAddress('127.0.0.1', 0),
    // a full proxy must still answer its readiness probe
    ignore_global_conn_limit: true,
  };
}
