// the gateways that Envoy connects to: found by DNS and checked on their health port, or the one on this node
import { PodChecks, ProxyModel, ProxyUpstream, UpstreamPods } from '../proxy-model';
import { addedFields, EnvoyMessage, CONNECTION_BUFFER_BYTES, duration, extension, socketAddress } from './message';

/**
 * One gateway, as Envoy connects to it.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
export function cluster(upstream: ProxyUpstream, model: ProxyModel): EnvoyMessage {
  return {
    name: upstream.name,
    ...(upstream.local ? { type: 'STATIC' } : { type: 'STRICT_DNS', ...dns() }),
    lb_policy: 'ROUND_ROBIN',
    connect_timeout: duration(model.connectTimeoutMs),
    per_connection_buffer_limit_bytes: CONNECTION_BUFFER_BYTES,
    circuit_breakers: circuitBreakers(model.maxConnections),
    upstream_connection_options: {
      tcp_keepalive: {
        keepalive_probes: model.keepAlive.probes,
        keepalive_time: model.keepAlive.idleSeconds,
        keepalive_interval: model.keepAlive.intervalSeconds,
      },
    },
    ...(upstream.pods && activeChecks(upstream.pods, model.podChecks)),
    ...(upstream.sendProxyProtocol && proxyProtocol()),
    load_assignment: loadAssignment(upstream),
    ...addedFields(model.snippets, 'cluster'),
  };
}

/**
 * Envoy asks DNS every 5 s, with any TTL. If DNS fails, the last addresses stay. Both are defaults. The fields that set
 * them are deprecated, and Envoy would log a warning for each at every start.
 */
function dns(): EnvoyMessage {
  return {
    dns_lookup_family: 'V4_PREFERRED',
    typed_dns_resolver_config: extension(
      'envoy.network.dns_resolver.cares', 'envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig', {
        // names are fully qualified, but with `ndots:5` every search domain would be tried first
        dns_resolver_options: { no_default_search_domain: true },
        // Envoy opens its listeners after the first answer or the last failure; without DNS, the default of c-ares
        // takes a minute
        query_timeout_seconds: 1,
        query_tries: 2,
      },
    ),
  };
}

/**
 * Set high; the overload manager enforces the limit. The default is 1024
 * (https://github.com/envoyproxy/envoy/issues/33723).
 */
function circuitBreakers(maxConnections: number): EnvoyMessage {
  return {
    thresholds: [{
      max_connections: maxConnections,
      max_pending_requests: maxConnections,
      max_requests: maxConnections,
      max_retries: maxConnections,
    }],
  };
}

/**
 * A 503, which a draining gateway sends, counts at once. `unhealthy_threshold` applies only to missing answers.
 *
 * Envoy keeps a host that DNS no longer has until it fails its check. After an outage of the API server, DNS has no
 * gateway for a while, although all of them serve. So do not set `ignore_health_on_host_removal`.
 */
function activeChecks({ health }: UpstreamPods, { intervalMs, fall, rise }: PodChecks): EnvoyMessage {
  return {
    health_checks: [{
      http_health_check: { path: health.path },
      interval: duration(intervalMs),
      // the default is 60 s, in which clients would meet a gateway that is not checked yet
      no_traffic_interval: duration(intervalMs),
      timeout: '1s',
      unhealthy_threshold: fall,
      healthy_threshold: rise,
      // a new connection each time: a gateway that no longer accepts is not healthy
      reuse_connection: false,
      transport_socket_match_criteria: PLAIN,
    }],
    // if all checks fail, Envoy tries every gateway; if one passes, it uses only that one
    common_lb_config: { healthy_panic_threshold: { value: 1 } },
    outlier_detection: connectFailures(),
  };
}

/**
 * Between two checks, Envoy leaves out a host that refuses or drops connections, until a check passes or the time is
 * over. Without this, all `max_connect_attempts` can meet the same dead host, because all connections of a worker share
 * round robin.
 */
function connectFailures(): EnvoyMessage {
  return {
    split_external_local_origin_errors: true,
    consecutive_local_origin_failure: 3,
    interval: '1s',
    base_ejection_time: '5s',
    max_ejection_percent: 100,
    enforcing_local_origin_success_rate: 0,
  };
}

const PLAIN = { plain: true };
const RAW_BUFFER = extension(
  'envoy.transport_sockets.raw_buffer', 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
);

/**
 * For traffic only. The health port accepts no PROXY protocol, and Envoy would send a header (command LOCAL) there too.
 */
function proxyProtocol(): EnvoyMessage {
  return {
    transport_socket: extension(
      'envoy.transport_sockets.upstream_proxy_protocol',
      'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      { config: { version: 'V2' }, transport_socket: RAW_BUFFER },
    ),
    transport_socket_matches: [{ name: 'plain', match: PLAIN, transport_socket: RAW_BUFFER }],
  };
}

function loadAssignment(upstream: ProxyUpstream): EnvoyMessage {
  const { pods } = upstream;
  const endpoint = {
    address: endpointAddress(upstream),
    ...(pods && { health_check_config: { port_value: pods.health.port } }),
  };
  return { cluster_name: upstream.name, endpoints: [{ lb_endpoints: [{ endpoint }] }] };
}

function endpointAddress({ local, pods, service }: ProxyUpstream): EnvoyMessage {
  if (local) {
    return socketAddress(local.address, local.port);
  }
  const { host, port } = pods ?? service;
  return socketAddress(host, port);
}
