// what Envoy itself understands of its bootstrap, by /config_dump of a running Envoy, and what it must understand
import { expectedProxy } from './expected-proxy';
import type { Target, UnderstoodListener, UnderstoodProxy } from './expected-proxy';
import { adminSocket } from '../../src/engines/envoy/admin';
import { bootstrap } from '../../src/engines/envoy/bootstrap';
import type { ProxyModel } from '../../src/engines/proxy-model';
import { binaryOf } from '../properties/valid-engines';
import { difference, leaves } from '../support/difference';
import { inBoxes } from '../support/engine-box';
import type { Files } from '../support/engine-box';

/** A message of the dump, as JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Message = any;

/** Starts Envoy, and asks when its admin interface is there: it answers after the bootstrap is read. */
const DUMP = `
socket=$1; shift
"$@" &> /run/log &
for turn in {1..400}; do [ -S "$socket" ] && break; kill -0 "$!" || break; sleep 0.05; done
curl --fail --silent --show-error --max-time 60 --unix-socket "$socket" http://envoy/config_dump || cat /run/log
kill -KILL "$!"`;

/** The dump of an Envoy in a network of its own. One worker: the number is an argument and not in the bootstrap. */
export function dumpOfEnvoy(files: Files, model: ProxyModel): Message {
  const argv = [binaryOf('envoy'), '-c', '/etc/front-envoy.yaml', '--concurrency', '1', '--disable-hot-restart', '-l', 'error'];
  const { stdout, error } = inBoxes(files, run => run(['bash', '-c', DUMP, 'bash', adminSocket(model), ...argv]));
  if (error || !stdout.startsWith('{')) throw error ?? new Error(`Envoy wrote no dump: ${stdout}`);
  const { configs } = JSON.parse(stdout);
  const part = (type: string) => configs.find((config: Message) => config['@type'].endsWith(`.${type}`));
  return {
    bootstrap: part('BootstrapConfigDump').bootstrap,
    clusters: part('ClustersConfigDump').static_clusters.map(({ cluster }: Message) => cluster),
    listeners: part('ListenersConfigDump').static_listeners.map(({ listener }: Message) => listener),
  };
}

const seconds = (duration: string) => Math.round(Number(duration.replace(/s$/, '')) * 1000);
const portOf = ({ address }: Message) => address.socket_address.port_value;
const socketOf = ({ socket_address: { address, port_value: port } }: Message) => `${address} ${port}`;

/** Listeners and clusters are those that run, not those of the bootstrap. */
export function understoodByEnvoy({ bootstrap: { overload_manager: overload }, clusters, listeners }: Message): UnderstoodProxy {
  const named = (name: string) => listeners.find((listener: Message) => listener.name === name);
  // all others have no limit on connections: the admin interface, and the cluster of a snippet
  const gateways = clusters.filter((cluster: Message) => cluster.circuit_breakers !== undefined);
  const others = clusters.filter((cluster: Message) => !gateways.includes(cluster));
  const targets = new Map<string, Target>(gateways.map((cluster: Message) => [cluster.name, targetOf(cluster)]));
  const traffic = listeners.filter(({ name }: Message) => name !== 'health_check' && name !== 'metrics_read');
  const filters = traffic.flatMap(chainsOf).map((chain: Message) => chain.filters.at(-1).typed_config);
  const only = (values: number[]) => {
    const [value, ...more] = new Set(values);
    if (more.length > 0) throw new Error(`different values: ${[value, ...more].join()}`);
    return value;
  };
  const monitors = overload.resource_monitors.map(({ typed_config: config }: Message) => config);
  const { match: { path }, direct_response: { body } } = routeOf(named('health_check'));
  return {
    listeners: Object.fromEntries(traffic.map((listener: Message) => [portOf(listener), listenerOf(listener, targets)])),
    health: { socket: socketOf(named('health_check').address), path, answer: body.inline_string },
    metrics: named('metrics_read') ? metricsOf(named('metrics_read')) : 'none',
    times: {
      connectMs: only(gateways.map((cluster: Message) => seconds(cluster.connect_timeout))),
      idleMs: only(filters.map((filter: Message) => seconds(filter.idle_timeout))),
      attempts: only(filters.map((filter: Message) => filter.max_connect_attempts)),
    },
    limits: {
      connections: Number(monitors[0].max_active_downstream_connections),
      ...(monitors[1] && { heapBytes: Number(monitors[1].max_heap_size_bytes) }),
    },
    others: others.map(({ name, load_assignment: { endpoints } = { endpoints: [] } }: Message) =>
      [name, ...endpoints.map(({ lb_endpoints: [{ endpoint }] }: Message) => endpoint.address.pipe.path)].join(' ')),
  };
}

function chainsOf({ filter_chains: chains = [], default_filter_chain: last }: Message): Message[] {
  return [...chains, ...last ? [last] : []];
}

/** Of a listener that answers HTTP: its last chain, whose only route this is. */
function routeOf({ filter_chains: chains }: Message): Message {
  return chains.at(-1).filters[0].typed_config.route_config.virtual_hosts[0].routes[0];
}

function targetOf(cluster: Message): Target {
  const { type = 'STATIC', load_assignment: { endpoints }, transport_socket: socket, health_checks: [check] = [], circuit_breakers: breakers } = cluster;
  const { address: { socket_address: { address: host, port_value: port } }, health_check_config: health } = endpoints[0].lb_endpoints[0].endpoint;
  const checked = check && {
    port: health.port_value,
    path: check.http_health_check.path,
    everyMs: seconds(check.interval),
    fall: check.unhealthy_threshold,
    rise: check.healthy_threshold,
  };
  const proxyProtocol = socket?.typed_config.config.version === 'V2';
  return { host, port, proxyProtocol, kind: type, breakers: breakers.thresholds[0].max_connections, ...(check && { check: checked }) };
}

/** Envoy takes the chain with the destination address first, then the one with the server name, then one without conditions. */
function listenerOf(listener: Message, targets: Map<string, Target>): UnderstoodListener {
  const addresses = [listener.address, ...(listener.additional_addresses ?? []).map(({ address }: Message) => address)];
  const passed = (chain: Message | undefined): Target => {
    const cluster = chain?.filters.at(-1).typed_config.cluster ?? '_closed';
    if (cluster !== '_closed' && !targets.has(cluster)) throw new Error(`no cluster ${cluster}`);
    return targets.get(cluster) ?? 'closed';
  };
  const chains = listener.filter_chains ?? [];
  const by = (list: (match: Message) => string[]) => Object.fromEntries(
    chains.flatMap((chain: Message) => list(chain.filter_chain_match ?? {}).map(key => [key, passed(chain)])),
  );
  const plain = chains.filter((chain: Message) => chain.filter_chain_match === undefined);
  const last = [...plain, ...listener.default_filter_chain ? [listener.default_filter_chain] : []];
  if (last.length > 1) throw new Error(`${listener.name} has ${last.length} chains for everything`);
  return {
    sockets: Object.fromEntries(addresses.map(({ socket_address: { address } }: Message) => [address, [listener.name]])),
    otherwise: passed(last[0]),
    byServerName: by(({ server_names: names = [] }) => names),
    byAddress: by(({ prefix_ranges: ranges = [] }) => ranges.map(({ address_prefix: address }: Message) => address)),
  };
}

function metricsOf(listener: Message): UnderstoodProxy['metrics'] {
  const matches = listener.filter_chains.map(({ filter_chain_match: match }: Message) => match);
  const rangesOf = (field: string) => matches.flatMap((match: Message) => match[field] ?? [])
    .map(({ address_prefix: address, prefix_len: length = 0 }: Message) => [address, length]);
  return {
    sockets: [listener.address, ...(listener.additional_addresses ?? []).map(({ address }: Message) => address)].map(socketOf),
    readers: rangesOf('source_prefix_ranges').map((range: Message) => range.join('/')).sort(),
    refusedAt: rangesOf('prefix_ranges').map(([address]: Message) => address).sort(),
  };
}

/** What it must understand. */
export function expectedOfEnvoy(model: ProxyModel): UnderstoodProxy {
  const { intervalMs: everyMs, fall, rise } = model.podChecks;
  return {
    ...expectedProxy(model, {
      target: ({ local, service, pods, sendProxyProtocol: proxyProtocol }) => {
        const common = { proxyProtocol, breakers: model.maxConnections };
        if (local) return { host: local.address, port: local.port, kind: 'STATIC', ...common };
        const { host, port } = pods ?? service;
        return { host, port, kind: 'STRICT_DNS', ...common, ...(pods && { check: { ...pods.health, everyMs, fall, rise } }) };
      },
      socket: ({ name }) => [name],
    }),
    limits: {
      connections: model.maxConnections,
      ...(model.memoryLimitBytes !== undefined && { heapBytes: Math.floor(model.memoryLimitBytes * 0.8) }),
    },
    others: [...model.metrics ? [`admin_socket ${model.runDirectory}/admin.sock`] : [], ...model.snippets ? ['own'] : []],
  };
}

/** How the bootstrap that Envoy read differs from the message that the renderer wrote as YAML, field by field. */
export function bootstrapDifference({ bootstrap: { node: _, ...found } }: Message, model: ProxyModel): string {
  // the place in a list counts in `understoodByEnvoy`
  const normal = (message: unknown) => leaves(message).map(leaf => leaf.replace(/\/\d+(?=\/| )/g, '')
    .replace(/"(\d+(?:\.\d+)?)s"$/, (...[, number]) => `${Number(number)} s`).replace(/"(\d+)"$/, '$1')).filter(leaf => !DEFAULT.test(leaf));
  return difference(normal(found), [...normal(bootstrap({ ...model, snippets: undefined })), ...model.snippets ? normal(snippets(model)) : []]);
}

/** Protobuf does not write these values. */
const DEFAULT = /(\/type = "STATIC"|\/lb_policy = "ROUND_ROBIN")$/;

/** What the snippets of valid-fronts.ts add. */
function snippets({ listeners, upstreams }: ProxyModel): object {
  const config = { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst' };
  return {
    stats_flush_interval: '5s',
    static_resources: {
      listeners: listeners.map(() => ({ listener_filters: [{ name: 'envoy.filters.listener.original_dst', typed_config: config }] })),
      clusters: [...upstreams.map(() => ({ alt_stat_name: 'other' })), { name: 'own', connect_timeout: '1s' }],
    },
  };
}
