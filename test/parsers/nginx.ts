// what crossplane understands of nginx.conf, and what it must understand
import { addressAndPort, expectedProxy, millisecondsOf } from './expected-proxy';
import type { Target, UnderstoodListener, UnderstoodProxy } from './expected-proxy';
import { Block } from './nginx-block';
import type { ProxyModel } from '../../src/engines/proxy-model';
import type { NginxDirective } from '../support/parser-reader';

type Socket = readonly [address: string, port: number, options: string[]];

interface Server {
  readonly port: number;
  readonly sockets: { readonly [address: string]: string[] };
  readonly served: Pick<UnderstoodListener, 'otherwise' | 'byServerName'>;
}

export function understoodByCrossplane(directives: NginxDirective[]): UnderstoodProxy {
  const main = new Block('', { block: directives });
  const [events, stream, http] = ['events', 'stream', 'http'].map(name => main.only(name));
  const { health, metrics, others } = readHttp(http);
  const traffic = readTraffic(stream);
  return {
    listeners: traffic.listeners,
    health,
    metrics,
    times: {
      connectMs: millisecondsOf(stream.value('proxy_connect_timeout')),
      idleMs: millisecondsOf(stream.value('proxy_timeout')),
      attempts: Number(stream.value('proxy_next_upstream_tries')),
    },
    limits: {
      workers: Number(main.value('worker_processes')),
      fileDescriptors: Number(main.value('worker_rlimit_nofile')),
      connectionsOfWorker: Number(events.value('worker_connections')),
      clientsOfWorker: Number(stream.value('limit_conn', 'connections')),
      ...Object.fromEntries(stream.take('limit_conn', 'clients').map(({ args }) => ['connectionsOfClient', Number(args[1])])),
    },
    others: [...main.others(), ...events.others(), ...traffic.others, ...stream.others(), ...others].map(text => text.replace(/zone=clients:\d+k/, 'zone=clients')),
  };
}

function readTraffic(stream: Block): Pick<UnderstoodProxy, 'listeners' | 'others'> {
  const upstreams = new Map(stream.take('upstream').map(directive => [directive.args.join(' '), readUpstream(new Block('upstream ', directive))]));
  const maps = new Map(stream.take('map', '$ssl_preread_server_name').map(directive => [directive.args[1], new Block('map ', directive)]));
  const blocks = stream.all('server');
  const servers = blocks.map((block): Server => {
    const sockets = socketsOf(block);
    const proxyProtocol = block.take('proxy_protocol', 'on').length === 1;
    const targetOf = (name: string) => {
      const upstream = upstreams.get(name);
      if (upstream === undefined) throw new Error(`no upstream ${name}`);
      return upstream === 'closed' ? upstream : { ...upstream, proxyProtocol };
    };
    const passed = block.value('proxy_pass');
    const map = maps.get(passed);
    return { ...sockets, served: map ? readMap(map, targetOf) : { otherwise: targetOf(passed), byServerName: {} } };
  });
  return { listeners: listenersOf(servers), others: [...blocks, ...maps.values()].flatMap(block => block.others()) };
}

/** nginx tries one server after another. */
function readUpstream(block: Block): Target {
  const servers = block.take('server').map(({ args: [address, ...options] }) => ({ address, options: options.join(' ') }));
  const [address, ...more] = new Set(servers.map(server => server.address));
  if (more.length > 0 || block.others().length > 0) throw new Error(`an upstream with ${[...more, ...block.others()].join()}`);
  const [host, port] = addressAndPort(address);
  return servers[0].options === 'down' ? 'closed' : { host, port, proxyProtocol: false, tries: servers.map(({ options }) => options) };
}

function socketsOf(block: Block): Pick<Server, 'port' | 'sockets'> {
  const sockets = block.take('listen').map(({ args: [address, ...options] }): Socket => [...addressAndPort(address), options]);
  const [port, ...more] = new Set(sockets.map(([, number]) => number));
  if (more.length > 0) throw new Error(`a server with the ports ${[port, ...more].join()}`);
  return { port, sockets: Object.fromEntries(sockets.map(([address,, options]) => [address, options])) };
}

/** A backslash makes a name of a keyword. */
function readMap(map: Block, targetOf: (name: string) => Target): Server['served'] {
  map.take('hostnames');
  const otherwise = targetOf(map.value('default'));
  return { otherwise, byServerName: Object.fromEntries(map.takeIf().map(({ directive, args }) => [directive.replace(/^\\/, ''), targetOf(args.join(' '))])) };
}

/** A server whose sockets have no options opens none: it serves an address of the listener with its port. */
function listenersOf(servers: Server[]): UnderstoodProxy['listeners'] {
  const opensNone = ({ sockets }: Server) => Object.values(sockets).every(options => options.length === 0);
  return Object.fromEntries(servers.filter(server => !opensNone(server)).map(({ port, sockets, served }) => {
    const entries = servers.filter(server => opensNone(server) && server.port === port);
    const byAddress = entries.flatMap(entry => Object.keys(entry.sockets).map(address => [address, entry.served.otherwise]));
    return [port, { ...served, sockets, byAddress: Object.fromEntries(byAddress) }];
  }));
}

function readHttp(http: Block): Pick<UnderstoodProxy, 'health' | 'metrics' | 'others'> {
  const [health, metrics, ...more] = http.all('server');
  const [own] = health.takeIf(({ directive, args }) => directive === 'listen' && !args[0].startsWith('unix:'));
  const [address, port] = addressAndPort(own.args[0]);
  const [answer] = health.takeIf(({ directive, args }) => directive === 'location' && args[0] === '=');
  const returned = new Block('location ', answer);
  const [readers, virtual] = [http.take('geo', '$reader')[0], http.take('map', '$server_addr', '$virtual')[0]];
  const keysOf = ({ block = [] }: NginxDirective) => block.filter(({ args }) => args.join() === '1').map(({ directive }) => directive).sort();
  return {
    health: { socket: `${address} ${port}`, path: answer.args[1], answer: returned.value('return', '200') },
    metrics: metrics === undefined ? 'none' : {
      sockets: metrics.take('listen').map(({ args }) => addressAndPort(args[0]).join(' ')), readers: keysOf(readers), refusedAt: keysOf(virtual),
    },
    others: [http, health, returned, ...metrics ? [metrics] : [], ...more].flatMap(block => block.others()),
  };
}

/** What it must understand. */
export function expectedOfCrossplane(model: ProxyModel): UnderstoodProxy {
  const tries = Array.from({ length: model.maxConnectAttempts }, (_, index) => index === 0 ? 'max_fails=0' : 'max_fails=0 backup');
  const { idleSeconds, intervalSeconds, probes } = model.keepAlive;
  const share = (connections: number) => Math.ceil(connections / model.concurrency);
  return {
    ...expectedProxy(model, {
      target: ({ local, service, sendProxyProtocol: proxyProtocol }) => ({ ...local ? { host: local.address, port: local.port } : { ...service, host: `${service.host}.` }, proxyProtocol, tries }),
      socket: (_, address) => [...address.includes(':') ? ['ipv6only=on'] : [], 'reuseport', `so_keepalive=${idleSeconds}s:${intervalSeconds}s:${probes}`],
    }),
    limits: {
      workers: model.concurrency,
      fileDescriptors: model.fileDescriptors,
      connectionsOfWorker: 2 * share(model.maxConnections) + model.reservedFileDescriptors,
      clientsOfWorker: share(model.maxConnections),
      ...(model.maxConnectionsPerClient !== undefined && { connectionsOfClient: share(model.maxConnectionsPerClient) }),
    },
    others: [...ALWAYS, ...SOMETIMES.flatMap(([times, lines]) => Array.from({ length: Number(times(model)) }, () => lines).flat())],
  };
}

const ALWAYS = [
  'daemon off', 'user root', 'pid /run/front/nginx.pid', 'error_log stderr', 'events multi_accept on', 'stream limit_conn_zone $pid zone=connections:64k',
  'stream log_format connection "$time_iso8601 $remote_addr:$remote_port to $server_addr:$server_port"'
    + ' " sni=$ssl_preread_server_name upstream=$upstream_addr connect=$upstream_connect_time"'
    + ' " status=$status received=$bytes_received sent=$bytes_sent seconds=$session_time"',
  'stream proxy_next_upstream on', 'stream proxy_half_close on', 'stream proxy_socket_keepalive on',
  ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `http ${name}_temp_path /run/front/${name}`), 'http access_log off',
  'http server listen unix:/run/front/health.sock', 'http server default_type text/plain', 'http server location / { return 404 }',
];

const routed = ({ listeners }: ProxyModel) => listeners.filter(({ routes }) => routes.length > 0).length;
/** crossplane keeps the escape of a line's end, which nginx reads. */
const GAUGES = [['active', 'Open connections of clients'], ['reading', 'HTTP connections whose request nginx reads'], ['writing', 'Connections to which nginx writes'], ['waiting', 'Idle HTTP connections']]
  .flatMap(([name, help]) => [`# HELP nginx_connections_${name} ${help}`, `# TYPE nginx_connections_${name} gauge`, `nginx_connections_${name} $connections_${name}`]);

/** How often a model has further lines. */
const SOMETIMES: [(model: ProxyModel) => number | boolean, string[]][] = [
  [({ logsSuccess }) => logsSuccess, ['stream access_log /dev/stdout connection buffer=4k flush=1s']],
  [({ logsSuccess }) => !logsSuccess, ['stream access_log /dev/stdout connection buffer=4k flush=1s if=$failed', 'stream map $status $failed { 200 0; default 1 }']],
  [({ maxConnectionsPerClient }) => maxConnectionsPerClient !== undefined, [
    'stream limit_conn_zone "$pid $client" zone=clients', 'stream map $binary_remote_addr $client { "~(?s)^(?<network>.{8}).{8}$" $network; default $binary_remote_addr }',
  ]],
  [model => routed(model) > 0, ['stream map_hash_bucket_size 320', 'stream map_hash_max_size 2048']],
  [routed, ['stream server ssl_preread on', 'stream server preread_timeout 5s']],
  [({ metrics }) => metrics !== undefined, [
    'http server keepalive_timeout 0', `http server if $reader = ${JSON.stringify('')} { return 444 }`, 'http server if $virtual { return 444 }', 'http server if $request_method != GET { return 404 }',
    'http server default_type text/plain', `http server location = /metrics { return 200 ${JSON.stringify(`${GAUGES.join('\\n')}\\n`)} }`, 'http server location / { return 404 }',
  ]],
  // the snippets of valid-fronts.ts
  [({ snippets }) => snippets !== undefined, ['worker_priority 0', 'events accept_mutex off', 'stream map $remote_addr $own { default "a}b" }']],
  [({ snippets, listeners, entries = [] }) => snippets === undefined ? 0 : listeners.length * (1 + entries.length), ['stream server tcp_nodelay on']],
];
