// the port for Prometheus: one path of the admin interface, for readers only
import { adminSocket } from './admin';
import { httpAnswer } from './http';
import { EnvoyMessage, socketAddresses } from './message';
import { hostPrefix } from '../../validation/addresses';
import { METRICS_PATH, MetricsEndpoint } from '../metrics-endpoint';
import type { ProxyModel } from '../proxy-model';

/** Not a DNS label, so no upstream of a model has this name. */
const ADMIN = 'admin_socket';

/**
 * No limit on traffic applies: a full proxy must still show that it is full. A connection that matches no filter chain
 * is closed, and so is one to a virtual address, whose chain has no filter.
 */
export function metricsListener({ addresses, port, readers, refusedAt }: MetricsEndpoint): EnvoyMessage {
  return {
    name: 'metrics_read', // not a DNS label, so no traffic listener has this name
    ...socketAddresses(addresses, port),
    enable_reuse_port: true,
    ignore_global_conn_limit: true,
    bypass_overload_manager: true,
    // as the health listener, it closes as soon as the pod ends: the port then belongs to the new pod alone
    traffic_direction: 'INBOUND',
    filter_chains: [
      ...(refusedAt.length > 0
        ? [{ filter_chain_match: { prefix_ranges: refusedAt.map(address => range(`${address}/${hostPrefix(address)}`)) } }]
        : []),
      // one request for each connection: an idle one would keep Prometheus at the old process during an update
      { filter_chain_match: { source_prefix_ranges: readers.map(range) }, filters: [httpAnswer('metrics', readOnly(), { max_requests_per_connection: 1 })] },
    ],
  };
}

/** The header `:path` has the query too, so no request can ask the admin interface for anything else. */
function readOnly(): EnvoyMessage {
  return {
    match: { prefix: METRICS_PATH, headers: [is(':path', METRICS_PATH), is(':method', 'GET')] },
    route: { cluster: ADMIN, prefix_rewrite: '/stats/prometheus' },
  };
}

function is(name: string, exact: string): EnvoyMessage {
  return { name, string_match: { exact } };
}

function range(cidr: string): EnvoyMessage {
  const [address, length] = cidr.split('/');
  return { address_prefix: address, prefix_len: Number(length) };
}

/** The admin interface of this process. */
export function adminCluster(model: ProxyModel): EnvoyMessage {
  const endpoint = { address: { pipe: { path: adminSocket(model) } } };
  return {
    name: ADMIN,
    type: 'STATIC',
    load_assignment: { cluster_name: ADMIN, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}
