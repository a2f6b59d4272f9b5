// the ports that Envoy opens: TCP passthrough for clients, and one HTTP health endpoint for the virtual IP
import { hostPrefix } from '../../validation/addresses';
import { upstreamAt } from '../entries';
import { healthAnswer } from '../health-answer';
import { ProxyEntry, ProxyListener, ProxyModel } from '../proxy-model';
import { accessLog } from './access-log';
import { httpAnswer } from './http';
import { addedFields, addedItems, EnvoyMessage, CONNECTION_BUFFER_BYTES, duration, extension, socketAddress, socketAddresses, YamlLines } from './message';

/**
 * Without a limit, a worker accepts all connections that wait before it does anything else. While a client opened 9,000
 * as fast as it could, the health check waited for up to 3.6 s, and the virtual IP moved in 8 of 10 rounds. With 16, it
 * waited for 0.8 s at most and the virtual IP stayed. A value of 1 was no better.
 */
const CONNECTIONS_IN_ONE_GO = 16;

/**
 * A port for clients. It passes TCP through.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto
 */
export function trafficListener(listener: ProxyListener, model: ProxyModel): EnvoyMessage {
  return {
    name: listener.name,
    ...socketAddresses(listener.addresses, listener.port),
    // the old and the new process share the port during an update; this is the default, but hitless updates depend on
    // it
    enable_reuse_port: true,
    max_connections_to_accept_per_socket_event: CONNECTIONS_IN_ONE_GO,
    per_connection_buffer_limit_bytes: CONNECTION_BUFFER_BYTES,
    tcp_keepalive: {
      keepalive_probes: model.keepAlive.probes,
      keepalive_time: model.keepAlive.idleSeconds,
      keepalive_interval: model.keepAlive.intervalSeconds,
    },
    // on the listener, not on its filters, so that connections without a matching filter chain are logged too
    access_log: [accessLog(listener.name, model)],
    ...filterChains(listener, model),
    ...addedFields(model.snippets, 'listener'),
  };
}

/**
 * One chain per entry and upstream. Envoy compares the destination address first; of server names it prefers the exact name, then the
 * longest wildcard. Without a default filter chain, Envoy closes a connection that matches none.
 */
function filterChains(listener: ProxyListener, model: ProxyModel): EnvoyMessage {
  const chain = (upstream: string) => ({ name: upstream, filters: filters(listener, upstream, model) });
  const byDefault = listener.defaultUpstream !== undefined && chain(listener.defaultUpstream);
  const ofEntries = (model.entries ?? []).map(entry => entryChain(entry, listener, model));
  const added = addedItems(model.snippets, 'listener_filters');
  if (listener.routes.length === 0) {
    return { ...(added.length > 0 && { listener_filters: added }), filter_chains: [...ofEntries, ...(byDefault ? [byDefault] : [])] };
  }
  const upstreams = [...new Set(listener.routes.map(route => route.upstream))];
  return {
    // a client that sends nothing counts as a client without a server name
    listener_filters_timeout: duration(model.clientHelloTimeoutMs),
    continue_on_listener_filters_timeout: true,
    listener_filters: [...added, extension(
      'envoy.filters.listener.tls_inspector', 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
    )],
    filter_chains: [...ofEntries, ...upstreams.map(upstream => {
      const names = listener.routes.filter(route => route.upstream === upstream).map(route => route.serverName);
      return { filter_chain_match: { server_names: names }, ...chain(upstream) };
    })],
    ...(byDefault && { default_filter_chain: byDefault }),
  };
}

/** No cluster has this name, because it is not a DNS label. */
const CLOSED = '_closed';

/**
 * Every entry has a chain. Without one, the chains of all other addresses would serve it. Envoy closes a connection whose cluster does
 * not exist, and logs it with the flag NC. It would close one without filters too, but log no flag.
 */
function entryChain(entry: ProxyEntry, listener: ProxyListener, model: ProxyModel): EnvoyMessage {
  const upstream = upstreamAt(entry, listener) ?? CLOSED;
  const prefixes = entry.addresses.map(address => ({ address_prefix: address, prefix_len: hostPrefix(address) }));
  return {
    name: `${entry.name}/${upstream}`,
    filter_chain_match: { prefix_ranges: prefixes },
    filters: filters(listener, upstream, model),
  };
}

/** The user's filters come first, so that they can refuse a connection. */
function filters(listener: ProxyListener, upstream: string, model: ProxyModel): (EnvoyMessage | YamlLines)[] {
  return [...addedItems(model.snippets, 'network_filters'), tcpProxy(listener, upstream, model)];
}

function tcpProxy(listener: ProxyListener, upstream: string, model: ProxyModel): EnvoyMessage {
  return extension('envoy.filters.network.tcp_proxy', 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: listener.name,
    cluster: upstream,
    max_connect_attempts: model.maxConnectAttempts,
    backoff_options: { base_interval: duration(RETRY_WITHIN_MS), max_interval: duration(RETRY_WITHIN_MS) },
    idle_timeout: duration(model.idleTimeoutMs),
  });
}

/**
 * All connections of a worker share round robin, so an attempt that follows at once can meet the dead gateway again,
 * until outlier detection has gone through the main thread. A random wait gives it time. On a machine without a free
 * CPU, three attempts at once lost up to 25 connections of a killed gateway; ten attempts with a wait lost none. Base
 * and maximum are equal, because Envoy keeps one back-off state for all connections of the filter and never resets it:
 * after a few retries only the maximum would count. Needs Envoy 1.34.
 *
 * @see https://github.com/envoyproxy/envoy/pull/37709
 */
const RETRY_WITHIN_MS = 50;

/** No limit applies: a full proxy is healthy and must keep its virtual address. */
export function healthListener(model: ProxyModel): EnvoyMessage {
  const { health } = model;
  return {
    name: 'health_check', // not a DNS label, so no traffic listener has this name
    address: socketAddress(health.address, health.port),
    enable_reuse_port: true,
    ignore_global_conn_limit: true,
    bypass_overload_manager: true,
    // marks it for `POST /drain_listeners?inboundonly`: it closes before the traffic listeners do (see front-envoy.pl)
    traffic_direction: 'INBOUND',
    filter_chains: [{ filters: [httpAnswer('health', answerTo(health.path, healthAnswer(model)))] }],
  };
}

/** Answers 200 for this path. */
function answerTo(path: string, body: string): EnvoyMessage {
  return { match: { path }, direct_response: { status: 200, body: { inline_string: body } } };
}
