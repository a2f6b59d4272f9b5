// what each engine is asked, in PromQL; no other file knows the names of metrics
import type { ProxyModel } from '../engines/proxy-model';

/** Selects the series of one part of an edge: matchers without braces. */
export type Selector = string;

/** Queries about a front proxy, each with one series for each of its instances. An engine that has no such metric has no query. */
export interface ProxyQueries {
  /** Open connections of clients. */
  readonly connections: string;
  /** New connections of clients, a second. */
  readonly newConnections?: string;
  /** Connections refused by a limit, a second. */
  readonly refused?: string;
  /** Gateway pods that are healthy, for each upstream whose pods are checked. */
  readonly healthyPods?: string;
}

/** A front proxy as its queries need it. */
export type MeasuredProxy = Pick<ProxyModel, 'listeners' | 'upstreams'>;

/** Queries by the `app.kubernetes.io/name` of the front proxy. */
export const PROXY_QUERIES: { readonly [application: string]: (selector: Selector, proxy: MeasuredProxy) => ProxyQueries } = {
  'front-envoy': (selector, proxy) => {
    const ports = proxy.listeners.map(({ port }) => port).join('|');
    const listeners = `${selector},envoy_listener_address=~".+_(${ports})"`;
    return {
      connections: `sum by (instance) (envoy_listener_downstream_cx_active{${listeners}})`,
      newConnections: `sum by (instance) (rate(envoy_listener_downstream_cx_total{${listeners}}[1m]))`,
      refused: `sum by (instance) (rate(envoy_listener_downstream_global_cx_overflow{${listeners}}[1m])`
        + ` + rate(envoy_listener_downstream_cx_overload_reject{${listeners}}[1m]))`,
      healthyPods: ofChecked(proxy, names => `envoy_cluster_membership_healthy{${selector},envoy_cluster_name=~"${names}"}`),
    };
  },
  'front-haproxy': (selector, proxy) => {
    const traffic = `${selector},proxy="traffic"`;
    return {
      connections: `sum by (instance) (haproxy_frontend_current_sessions{${traffic}})`,
      newConnections: `sum by (instance) (rate(haproxy_frontend_connections_total{${traffic}}[1m]))`,
      refused: `sum by (instance) (rate(haproxy_frontend_denied_connections_total{${traffic}}[1m])`
        + ` + rate(haproxy_frontend_requests_denied_total{${traffic}}[1m]))`,
      healthyPods: ofChecked(proxy, names => `haproxy_backend_active_servers{${selector},proxy=~"${names}"}`),
    };
  },
  'front-nginx': selector => ({ connections: `sum by (instance) (nginx_connections_active{${selector}})` }),
};

/** Names of upstreams are letters, digits and dashes, which a regular expression takes as they are. */
function ofChecked({ upstreams }: MeasuredProxy, query: (names: string) => string): string | undefined {
  const checked = upstreams.filter(({ pods }) => pods).map(({ name }) => name);
  return checked.length > 0 ? query(checked.join('|')) : undefined;
}

/** Queries about keepalived. */
export const VIP_QUERIES = {
  /** 1 for each node that holds an address. */
  holders: (selector: Selector) => `keepalived_vrrp_state{${selector}} == bool 2`,
  state: (selector: Selector) => `keepalived_vrrp_state{${selector}}`,
  moves: (selector: Selector, span: string) => `sum by (iname) (increase(keepalived_become_master_total{${selector}}[${span}]))`,
  /** Connections of nodes that do not hold the address. */
  relayed: (selector: Selector) => `keepalived_handover_connections{${selector}}`
    + ` and on (instance, ip_address) keepalived_vrrp_state{${selector}} != 2`,
  healthy: (selector: Selector) => `keepalived_check_healthy{${selector}}`,
  /** 0 is the time of a check that was never good. */
  sinceGoodCheck: (selector: Selector) => `time() - (keepalived_check_last_success_timestamp_seconds{${selector}} > 0)`,
  up: (selector: Selector) => `keepalived_up{${selector}}`,
  /** Nodes that have not answered Prometheus for a time, which may have no scrape. What is no target any more has no `up`. */
  unreachable: (selector: Selector, span: string) => `up{${selector}} == 0 unless max_over_time(up{${selector}}[${span}]) > 0`,
  settings: (selector: Selector) => ['tcp_migrate_req', 'tcp_tw_reuse'].map(name => `node_sysctl_net_ipv4_${name}{${selector}}`),
};

/** Queries about an edge as a whole. */
export const EDGE_QUERIES = {
  /** Number of its alerts that fire. */
  firing: ({ name, namespace }: { readonly name: string; readonly namespace: string }) =>
    `count(ALERTS{alertstate="firing",edge="${name}",namespace="${namespace}"}) or vector(0)`,
};
