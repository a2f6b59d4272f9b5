// the bootstrap, field by field: entries, metrics, and what only a comment explained
import { parse } from 'yaml';
import { checkEnvoy } from '../../../src/engines/envoy/check';
import { envoyProcess } from '../../../src/engines/envoy/process';
import { renderEnvoy } from '../../../src/engines/envoy/render';
import type { ProxyModel } from '../../../src/engines/proxy-model';
import { proxy as dualStack } from '../golden/dual-stack/model';
import { proxy as entries } from '../golden/entries/model';
import { proxy as localGateway } from '../golden/local-gateway/model';
import { proxy as metrics } from '../golden/metrics/model';
import { proxy as passthrough } from '../golden/passthrough/model';
import { proxy as pods } from '../golden/pods-proxy-protocol/model';
import { proxy as sniRoutes } from '../golden/sni-routes/model';

const bootstrap = (model: ProxyModel) => parse(renderEnvoy(model));
const named = (list: { name: string }[], name: string): any => list.find(one => one.name === name);
const listener = (model: ProxyModel, name: string) => named(bootstrap(model).static_resources.listeners, name);
const cluster = (model: ProxyModel, name: string) => named(bootstrap(model).static_resources.clusters, name);
const http = (chain: any) => chain.filters[0].typed_config;
const TYPE = 'type.googleapis.com/envoy.extensions';

describe('the addresses of an entry', () => {
  const chains = (name: string): any[] => listener(entries, name).filter_chains;

  test('have a filter chain at each port, before all others', () => {
    expect(chains('https').map(({ name }) => name)).toEqual(['inside/internal-443', 'mail/mail-443', 'gateway-80']);
    expect(chains('http').map(({ name }) => name)).toEqual(['inside/internal-80', 'mail/_closed', 'gateway-80']);
    expect(chains('tcp-8443').map(({ name }) => name)).toEqual(['inside/internal-8443', 'mail/_closed']);
  });
  test('without a gateway for the others are the only ones that a listener serves', () => {
    const [, , , last] = entries.listeners;
    expect(listener({ ...entries, listeners: [last], entries: [] }, 'tcp-8443').filter_chains).toEqual([]);
  });
  test('match whole, in both families', () =>
    expect(chains('http')[0].filter_chain_match.prefix_ranges).toEqual([
      { address_prefix: '192.0.2.101', prefix_len: 32 }, { address_prefix: '2001:db8::101', prefix_len: 128 }, { address_prefix: '192.0.2.102', prefix_len: 32 },
    ]));
  test('lead to their gateway, or to a cluster that does not exist', () => {
    expect(chains('http').map(chain => http(chain).cluster)).toEqual(['internal-80', '_closed', 'gateway-80']);
    expect(cluster(entries, '_closed')).toBeUndefined();
  });
});

describe('metrics', () => {
  const read = () => listener(metrics, 'metrics_read');

  test('have a port on every address, only if there are any', () => {
    expect(read().address).toEqual({ socket_address: { address: '0.0.0.0', port_value: 341 } });
    expect(read().additional_addresses).toEqual([{ address: { socket_address: { address: '::', port_value: 341 } } }]);
    expect(listener(dualStack, 'metrics_read')).toBeUndefined();
    expect(cluster(dualStack, 'admin_socket')).toBeUndefined();
  });
  test('are outside every limit, and close as soon as the pod ends', () =>
    expect(read()).toMatchObject({ enable_reuse_port: true, ignore_global_conn_limit: true, bypass_overload_manager: true, traffic_direction: 'INBOUND' }));
  test('are closed at a virtual address, and open for readers alone', () => {
    expect(read().filter_chains).toHaveLength(2);
    const prefixes = [{ address_prefix: '192.0.2.100', prefix_len: 32 }, { address_prefix: '2001:db8::100', prefix_len: 128 }];
    expect(read().filter_chains[0]).toEqual({ filter_chain_match: { prefix_ranges: prefixes } });
    expect(read().filter_chains[1].filter_chain_match.source_prefix_ranges).toEqual(metrics.metrics!.readers.map(cidr => (
      { address_prefix: cidr.split('/')[0], prefix_len: Number(cidr.split('/')[1]) })));
    expect(listener({ ...metrics, metrics: { ...metrics.metrics!, refusedAt: [] } }, 'metrics_read').filter_chains).toHaveLength(1);
  });
  test('are one page of the admin interface, which can only be read, one request a connection', () => {
    const { route_config: { virtual_hosts: [host] }, common_http_protocol_options: options } = http(read().filter_chains[1]);
    expect(host.routes).toEqual([{
      match: { prefix: '/metrics', headers: [{ name: ':path', string_match: { exact: '/metrics' } }, { name: ':method', string_match: { exact: 'GET' } }] },
      route: { cluster: 'admin_socket', prefix_rewrite: '/stats/prometheus' },
    }]);
    expect(options).toEqual({ idle_timeout: '10s', max_requests_per_connection: 1 });
    expect(cluster(metrics, 'admin_socket')).toEqual({
      name: 'admin_socket', type: 'STATIC',
      load_assignment: { cluster_name: 'admin_socket', endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: '/run/front/admin.sock' } } } }] }] },
    });
  });
  test('are one more listener for which readiness waits', () =>
    expect(envoyProcess(metrics, { lameDuckSeconds: 3, drainSeconds: 30 }).readiness.at(-1)).toBe('4'));
});

test('health is served in HTTP/1 to any host, and a client that says nothing is cut', () => {
  const { filters: [{ name, typed_config: config }] } = listener(passthrough, 'health_check').filter_chains[0];
  expect(name).toBe('envoy.filters.network.http_connection_manager');
  expect(config).toMatchObject({
    '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    'codec_type': 'HTTP1', 'request_headers_timeout': '5s', 'generate_request_id': false, 'common_http_protocol_options': { idle_timeout: '10s' },
    'route_config': { virtual_hosts: [{ domains: ['*'] }] },
  });
  expect(config.http_filters).toEqual([{ name: 'envoy.filters.http.router', typed_config: { '@type': `${TYPE}.filters.http.router.v3.Router` } }]);
});

describe('server names', () => {
  test('are waited for as long as the model says; a client that sends none is served as one without a name', () =>
    expect(listener({ ...sniRoutes, clientHelloTimeoutMs: 7_000 }, 'https')).toMatchObject({ listener_filters_timeout: '7s', continue_on_listener_filters_timeout: true }));
  test('are read by Envoy\'s inspector', () =>
    expect(listener(sniRoutes, 'https').listener_filters[0].typed_config).toEqual({ '@type': `${TYPE}.filters.listener.tls_inspector.v3.TlsInspector` }));
});

describe('every text', () => {
  const texts = (value: unknown): [string, unknown][] => typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([field, item]) => [[field, item] as [string, unknown], ...texts(item)])
    : [];
  const all = () => [metrics, pods, sniRoutes, entries].flatMap(model => texts(bootstrap(model)));

  test('has a character: Envoy refuses an empty name', () => expect(all().filter(([, value]) => value === '')).toEqual([]));
  test('that names a message is one of Envoy\'s v3 API', () => {
    const types = all().filter(([field]) => field === '@type').map(([, type]) => type);
    expect(types.length).toBeGreaterThan(20);
    types.forEach(type => expect(type).toMatch(/^type\.googleapis\.com\/envoy\.extensions\.[a-z_.]+\.v3\.[A-Z][A-Za-z]+$/));
  });
});

describe('clusters', () => {
  test('are one for each upstream, and for nothing else', () =>
    expect(bootstrap(passthrough).static_resources.clusters.map(({ name }: { name: string }) => name)).toStrictEqual(['gateway-80', 'gateway-443']));
  test('can be the gateway of this node, which needs no DNS', () => {
    const one = cluster(localGateway, 'gateway-443');
    expect(one).toMatchObject({ type: 'STATIC', transport_socket: { name: 'envoy.transport_sockets.upstream_proxy_protocol' } });
    expect(one).not.toHaveProperty('dns_lookup_family');
    expect(one.load_assignment).toEqual({
      cluster_name: 'gateway-443', endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 10_443 } } } }] }],
    });
  });
  test('ask DNS for the whole name at once, and give up soon, because listeners wait for it', () =>
    expect(cluster(passthrough, 'gateway-80').typed_dns_resolver_config).toEqual({
      name: 'envoy.network.dns_resolver.cares',
      typed_config: {
        '@type': `${TYPE}.network.dns_resolver.cares.v3.CaresDnsResolverConfig`,
        'dns_resolver_options': { no_default_search_domain: true }, 'query_timeout_seconds': 1, 'query_tries': 2,
      },
    }));
  test('check as often as the model says, also without traffic, on a new connection each time', () =>
    expect(cluster({ ...pods, podChecks: { intervalMs: 3_000, fall: 4, rise: 5 } }, 'gateway-80').health_checks[0]).toMatchObject({
      interval: '3s', no_traffic_interval: '3s', timeout: '1s', unhealthy_threshold: 4, healthy_threshold: 5, reuse_connection: false,
    }));
  test('leave a pod out that refuses connections, all of them if need be', () => {
    expect(cluster(pods, 'gateway-80')).toMatchObject({
      outlier_detection: {
        split_external_local_origin_errors: true, consecutive_local_origin_failure: 3, interval: '1s', base_ejection_time: '5s', max_ejection_percent: 100,
        enforcing_local_origin_success_rate: 0,
      },
    });
  });
});

describe('before memory ends', () => {
  const manager = () => bootstrap(pods).overload_manager;

  test('Envoy first gives heap back, and then stops accepting', () => {
    expect(manager().actions.map((action: any) => action.triggers)).toEqual([0.95, 0.98].map(value => [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value } }]));
    expect(manager().refresh_interval).toBe('0.25s');
  });
  test('the names of its monitors are Envoy\'s', () => expect(manager().resource_monitors.map((monitor: any) => [monitor.name, monitor.typed_config['@type']])).toEqual([
    ['envoy.resource_monitors.global_downstream_max_connections', `${TYPE}.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig`],
    ['envoy.resource_monitors.fixed_heap', `${TYPE}.resource_monitors.fixed_heap.v3.FixedHeapConfig`],
  ]));
});

test('the log says from where, which name and upstream, how much, how long, and how it ended', () => {
  const { name, typed_config: config } = listener(passthrough, 'https').access_log[0];
  expect([name, config['@type']]).toEqual(['envoy.access_loggers.stdout', `${TYPE}.access_loggers.stream.v3.StdoutAccessLog`]);
  for (const operator of ['DOWNSTREAM_REMOTE_ADDRESS', 'REQUESTED_SERVER_NAME', 'UPSTREAM_CLUSTER', 'UPSTREAM_HOST', 'BYTES_RECEIVED', 'BYTES_SENT', 'DURATION', 'RESPONSE_FLAGS']) {
    expect(config.log_format.text_format_source.inline_string).toContain(`=%${operator}%`);
  }
});

test('the process drains at once, warns, and writes its log each second', () => {
  const { command } = envoyProcess(passthrough, { lameDuckSeconds: 3, drainSeconds: 30 });
  const option = (name: string) => command[command.indexOf(name) + 1];
  expect([option('--drain-strategy'), option('--log-level'), option('--file-flush-interval-msec')]).toEqual(['immediate', 'warning', '1000']);
});

test('fails for a limit for each client, which Envoy cannot count', () => {
  expect(checkEnvoy(passthrough)).toEqual([]);
  expect(checkEnvoy({ ...passthrough, maxConnectionsPerClient: 5 })).toMatchObject([{ code: 'option-unsupported', got: 5 }]);
});
