// what HAProxy's config-parser understands of haproxy.cfg, and what it must understand
import { addressAndPort, expectedProxy, millisecondsOf } from './expected-proxy';
import type { Target, UnderstoodListener, UnderstoodProxy } from './expected-proxy';
import type { ProxyModel, ProxyUpstream } from '../../src/engines/proxy-model';
import { leaves } from '../support/difference';
import type { HaproxyOption, HaproxySection } from '../support/parser-reader';

/** A rule with `use_backend`: its listener, and what else must match. */
interface Rule { readonly listener: string; readonly entry?: string; readonly serverName?: string; readonly target: Target }

/** A label that no case has. */
const ANY_LABEL = 'any--label';

export function understoodByConfigParser(sections: HaproxySection[]): UnderstoodProxy {
  const left = new Map(sections.map(section => [`${section.kind} ${section.name.replace(/^(data|unnamed_defaults_1)$/, '')}`.trim(), section]));
  const takeSection = (name: string) => {
    const found = left.get(name);
    if (found === undefined) throw new Error(`no section ${name}`);
    left.delete(name);
    return new Lines(name, found);
  };
  const [global, defaults, health, traffic] = ['global', 'defaults', 'frontend health', 'frontend traffic'].map(takeSection);
  const metrics = left.has('frontend metrics') ? takeSection('frontend metrics') : undefined;
  const backends = [...left.keys()].filter(name => name.startsWith('backend ')).map(takeSection);
  const targets = new Map(backends.map(backend => [backend.name.replace('backend ', ''), targetOf(backend)]));
  const listeners = listenersOf(traffic.section, targets);
  const [idleMs, ...more] = new Set(['client', 'server', 'tunnel'].map(side => millisecondsOf(defaults.value(`timeout ${side} `))));
  if (more.length > 0) throw new Error(`idle timeouts of ${[idleMs, ...more].join()}`);
  const { 'stick-table': table } = traffic.section.known;
  return {
    listeners,
    health: healthOf(health),
    metrics: metrics === undefined ? 'none' : metricsOf(metrics),
    times: { connectMs: millisecondsOf(defaults.value('timeout connect ')), idleMs, attempts: Number(defaults.value('retries ')) + 1 },
    limits: {
      threads: Number(global.value('nbthread ')),
      fileDescriptors: Number(global.value('fd-hard-limit ')),
      connections: Number(traffic.value('tcp-request connection reject if { fe_conn gt ', ' }')),
      ...(table && { connectionsOfClient: Number(traffic.value('tcp-request content reject if { sc0_conn_cur gt ', ' }')), clients: Number(table.Size) }),
    },
    others: [
      ...[global, defaults, health, traffic, ...metrics ? [metrics] : []].flatMap(section => section.others()),
      ...[...left].flatMap(([name, { lines }]) => lines.map(line => `${name}: ${line}`)),
      ...table ? [`frontend traffic: ${leaves({ ...table, Size: '' }).join()}`] : [],
      ...[...targets.keys()].filter(name => !(traffic.section.known.use_backend ?? []).some(({ Name }) => Name === name)).map(name => `${name} is not used`),
    ],
  };
}

/** The lines of a section, of which a reader takes those that it understands. */
class Lines {
  private left: string[];

  constructor(readonly name: string, readonly section: HaproxySection) {
    this.left = section.lines;
  }

  /** What stands between the beginning and the end of the only such line. */
  public value(begin: string, end: string = ''): string {
    const found = this.left.filter(line => line.startsWith(begin) && line.endsWith(end));
    if (found.length !== 1) throw new Error(`${this.name} has ${found.length} times ${begin}`);
    this.left = this.left.filter(line => line !== found[0]);
    return found[0].slice(begin.length, found[0].length - end.length);
  }

  public others(): string[] {
    return this.left.map(line => `${this.name}: ${line}`);
  }
}

function optionsOf(options: HaproxyOption[] | null): string[] {
  return (options ?? []).map(({ Name, Value }) => Value === undefined ? Name : `${Name} ${Value}`);
}

const PROXY_PROTOCOL = 'send-proxy-v2';

function targetOf({ section: { known: { server = [], 'server-template': templates = [] }, lines } }: Lines): Target {
  const servers = server.map(({ Name, Address, Params }) => ({ name: Name, address: addressAndPort(Address), options: optionsOf(Params) }));
  const pods = templates.map(({ Prefix, NumOrRange, Fqdn, Port, Params }) => ({ name: `${Prefix} ${NumOrRange}`, address: [Fqdn, Port] as const, options: optionsOf(Params) }));
  const all = [...pods, ...servers];
  if (all.length === 0 && lines.length === 0) return 'closed';
  const [{ address: [host, port] }] = all;
  const [proxyProtocol, ...more] = new Set(all.map(({ options }) => options.includes(PROXY_PROTOCOL)));
  if (more.length > 0) throw new Error(`some servers of ${host} get PROXY protocol`);
  const inWords = all.map(({ name, address, options }) => [name, address.join(' '), ...options.filter(option => option !== PROXY_PROTOCOL)].join(', '));
  return { host, port, proxyProtocol, servers: inWords, lines: [...lines].sort() };
}

function listenersOf({ known: { bind = [], acl = [], use_backend: uses = [] } }: HaproxySection, targets: Map<string, Target>): UnderstoodProxy['listeners'] {
  const sockets = bind.map(({ Path, Params }) => ({ address: addressAndPort(Path), options: optionsOf(Params) }));
  const entries = acl.map(({ Name, Criterion, Value }) => ({ name: Name, addresses: Criterion === 'dst' ? Value.split(' ') : [] }));
  const rules = uses.map(({ Name, Cond, CondTest }): Rule => {
    const [all, listener, entry, isWildcard, serverName] = /^\{ so_name (\S+) \}(?: (to-\S+)| \{ req\.ssl_sni -i (-m end )?(\S+) \})?$/.exec(CondTest) ?? [];
    const target = targets.get(Name);
    if (all === undefined || target === undefined || Cond !== 'if') throw new Error(`use_backend ${Name} ${Cond} ${CondTest}`);
    return { listener, entry, serverName: isWildcard ? `*${serverName}` : serverName, target };
  });
  const ports = [...new Set(sockets.map(({ address: [, port] }) => port))];
  return Object.fromEntries(ports.map((port): [number, UnderstoodListener] => {
    const own = sockets.filter(({ address: [, other] }) => other === port);
    const listener = own[0].options.at(-1)!.replace('name ', '');
    return [port, {
      sockets: Object.fromEntries(own.map(({ address: [address], options }) => [address, options])),
      ...served(rules.filter(rule => rule.listener === listener), entries),
    }];
  }));
}

/** The first rule that matches decides. So each name and address is one that a client could send, and the rules are asked. */
function served(rules: Rule[], entries: { readonly name: string; readonly addresses: string[] }[]): Omit<UnderstoodListener, 'sockets'> {
  const decide = (asked: string | undefined, to: string | undefined) => rules.find(({ entry, serverName: name }) =>
    entry !== undefined ? entry === to : name === undefined || name === asked || (name.startsWith('*') && asked?.endsWith(name.slice(1))))?.target ?? 'closed';
  const names = rules.flatMap(({ serverName }) => serverName ?? []);
  const sampleOf = (name: string) => name.replace('*', ANY_LABEL);
  return {
    otherwise: decide(undefined, undefined),
    byServerName: Object.fromEntries(names.map(name => [name, decide(sampleOf(name), undefined)])),
    byAddress: Object.fromEntries(entries.flatMap(({ name, addresses }) => addresses.map(address => {
      const [target, ...more] = new Set([undefined, ...names.map(sampleOf)].map(asked => decide(asked, name)));
      if (more.length > 0) throw new Error(`a server name decides where ${address} leads`);
      return [address, target];
    }))),
  };
}

function healthOf(health: Lines): UnderstoodProxy['health'] {
  const [{ Path }, ...others] = health.section.known.bind ?? [];
  const [probed, ...more] = others.map(other => [other.Path, ...optionsOf(other.Params)].join(' '));
  if (probed !== 'unix@/run/front/health.sock mode 600' || more.length > 0) throw new Error(`other sockets of health: ${[probed, ...more].join()}`);
  const [answer, path] = health.value('http-request return status 200 content-type text/plain string "', ' }').split('" if { path ');
  return { socket: addressAndPort(Path).join(' '), path, answer };
}

function metricsOf({ section: { known: { bind = [], acl = [] } } }: Lines): UnderstoodProxy['metrics'] {
  const valuesOf = (name: string, criterion: string) =>
    acl.filter(one => one.Name === name && one.Criterion === criterion).map(one => one.Value).sort();
  return { sockets: bind.map(({ Path }) => addressAndPort(Path).join(' ')), readers: valuesOf('reader', 'src'), refusedAt: valuesOf('virtual', 'dst') };
}

const TABLE = leaves({
  Type: 'ipv6', Length: '', Size: '', Expire: '10s', NoPurge: false, Peers: '', SrvKey: '', WriteTo: '', Store: 'conn_cur', Comment: '',
}).join();

const slotsOf = ({ pods }: ProxyUpstream) => pods ? Math.max(32, pods.maxPods ?? 0) : 0;

/** What it must understand. */
export function expectedOfConfigParser(model: ProxyModel): UnderstoodProxy {
  const { maxConnections, maxConnectionsPerClient, podChecks: { intervalMs, fall, rise } } = model;
  const added = model.snippets === undefined ? [] : ['option tcp-smart-connect'];
  const byName = ['resolvers cluster', 'resolve-prefer ipv4', 'init-addr none'];
  const slots = model.upstreams.reduce((sum, upstream) => sum + slotsOf(upstream), 0);
  const wait = ['tcp-request content accept if { nbsrv gt 0 } || WAIT_END', 'tcp-request inspect-delay 1s'];
  return {
    ...expectedProxy(model, {
      target: upstream => {
        const { local, service, pods, sendProxyProtocol: proxyProtocol } = upstream;
        if (local) return { host: local.address, port: local.port, proxyProtocol, servers: [`local, ${local.address} ${local.port}`], lines: added };
        const backup = ['service', `${service.host} ${service.port}`, ...byName, ...pods ? ['backup'] : []].join(', ');
        if (!pods) return { ...service, proxyProtocol, servers: [backup], lines: [...added, ...wait].sort() };
        const check = ['check', `port ${pods.health.port}`, `inter ${intervalMs / 1000}s`, `fall ${fall}`, `rise ${rise}`];
        const asked = [
          'balance roundrobin', 'option httpchk', `http-check send meth GET uri ${pods.health.path} ver HTTP/1.1 hdr Host ${pods.host}`, 'http-check expect status 200',
        ];
        const template = [`pod 1-${slotsOf(upstream)}`, `${pods.host} ${pods.port}`, ...byName, ...check].join(', ');
        return { host: pods.host, port: pods.port, proxyProtocol, servers: [template, backup], lines: [...added, ...wait, ...asked].sort() };
      },
      socket: ({ name }, address) => [...address.includes(':') ? ['v6only'] : [], `name ${name}`],
    }),
    limits: {
      threads: model.concurrency,
      fileDescriptors: Math.max(model.fileDescriptors, 2 * maxConnections + model.reservedFileDescriptors + slots),
      connections: maxConnections,
      ...(maxConnectionsPerClient !== undefined && { connectionsOfClient: maxConnectionsPerClient, clients: maxConnections }),
    },
    others: [...ALWAYS, ...SOMETIMES.flatMap(([has, lines]) => has(model) ? lines(model) : [])],
  };
}

const ALWAYS = [
  'global: uid 0', 'defaults: mode tcp', 'defaults: option redispatch 1', 'defaults: timeout client-fin 30s',
  ...['cli', 'srv'].flatMap(side => [`option ${side}tcpka`, `${side}tcpka-idle 60s`, `${side}tcpka-intvl 15s`, `${side}tcpka-cnt 4`].map(line => `defaults: ${line}`)),
  ...['mode http', 'timeout client 5s', 'http-request return status 404'].map(line => `frontend health: ${line}`),
  'frontend traffic: log stdout format raw local0',
];

const named = ({ listeners }: ProxyModel) => listeners.filter(({ routes }) => routes.length > 0).map(({ name }) => name);
const logFormat = (sni: string) => `frontend traffic: log-format "%t %ci:%cp listener=%[so_name]${sni} upstream=%b/%s host=%si:%sp flags=%ts retries=%rc connect_ms=%Tc total_ms=%Tt received=%U sent=%B"`;

/** Further lines of some models. */
const SOMETIMES: [(model: ProxyModel) => boolean, (model: ProxyModel) => string[]][] = [
  [({ logsSuccess }) => !logsSuccess, () => ['frontend traffic: option dontlog-normal']],
  [model => named(model).length === 0, () => [logFormat('')]],
  [model => named(model).length > 0, model => [
    logFormat(' sni=%[capture.req.hdr(0),url_enc]'), 'frontend traffic: tcp-request inspect-delay 5s',
    `frontend traffic: tcp-request content accept unless { so_name ${named(model).join(' ')} }`,
    'frontend traffic: tcp-request content capture req.ssl_sni len 253 if { req.ssl_hello_type 1 }',
  ]],
  [({ maxConnectionsPerClient }) => maxConnectionsPerClient !== undefined, () => ['frontend traffic: tcp-request connection track-sc0 src,ipmask(32,64)', `frontend traffic: ${TABLE}`]],
  [({ upstreams }) => upstreams.some(({ service }) => service), () => [
    'parse-resolv-conf', 'accepted_payload_size 8192', 'hold nx 24h', 'hold other 24h', 'hold refused 24h', 'hold timeout 24h',
  ].map(line => `resolvers cluster: ${line}`)],
  [({ metrics }) => metrics !== undefined, ({ metrics }) => [
    'mode http', 'timeout client 10s', 'option httpclose', `tcp-request connection reject ${metrics!.refusedAt.length > 0 ? 'if !reader || virtual' : 'unless reader'}`,
    'http-request return status 404 unless { method GET } { path /metrics }', 'http-request set-query no-maint', 'http-request use-service prometheus-exporter',
  ].map(line => `frontend metrics: ${line}`)],
  [({ snippets }) => snippets === undefined, () => ['global: tune.maxaccept 16']],
  // the snippets of valid-fronts.ts
  [({ snippets }) => snippets !== undefined, () => ['global: tune.maxaccept 50', 'defaults: option splice-auto', 'frontend traffic: option tcp-smart-accept', 'ring own: size 32768']],
];
