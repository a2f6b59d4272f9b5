// props and routes → the model that the engines' renderers take
import type { FrontEntryOptions } from './front-entry';
import type { FrontListener, FrontProxyProps } from './front-proxy-props';
import { AccessLog, UnmatchedServerName } from './front-proxy-props';
import type { FrontRouteOptions } from './front-route';
import { connectionsWithin } from '../engines/check-proxy';
import type { ProxyEntry, ProxyListener, ProxyModel, ProxyRoute, ProxyUpstream } from '../engines/proxy-model';
import { GATEWAY_HEALTH_PATH, GATEWAY_HEALTH_PORT } from '../gateway/ingress-gateway-config';
import type { IngressGatewayConfig } from '../gateway/ingress-gateway-config';
import { canonicalAddress } from '../validation/addresses';
import { planMetrics } from '../workload/metrics-listener';
import { byPort } from '../workload/ports';

/**
 * Health endpoint of every front proxy. The port is below 1024, so that no unprivileged process can take it while the proxy is down,
 * and answer for the proxy. It is below 512, because `bindresvport()` gives 512 to 1023 to clients of NFS and RPC. IANA has not
 * assigned 334 to 343.
 *
 * @see https://sourceware.org/git/?p=glibc.git;a=blob;f=sunrpc/bindrsvprt.c
 * @see https://www.iana.org/assignments/service-names-port-numbers
 */
export const FRONT_HEALTH = { address: '127.0.0.1', port: 340, path: '/healthz' };

/** Beside the health endpoint, for the same reason: a process that takes the port would keep the proxy from starting. */
const METRICS_PORT = 341;

/** Defaults of props. `FrontProxyOptions` documents them. */
const DEFAULTS = { connectTimeoutMs: 250, maxConnectAttempts: 10, idleTimeoutMs: 3_600_000, fileDescriptors: 65_536, concurrency: 2 };

/** A connection whose peer vanished is noticed after two minutes. */
const KEEP_ALIVE = { idleSeconds: 60, intervalSeconds: 15, probes: 4 };

/** Highest `maxConnections`, and its default if `fileDescriptors` allow more. */
export const MOST_CONNECTIONS = 500_000;

/** For listeners, logs, DNS, health checks and epoll. */
const RESERVED_FILE_DESCRIPTORS = 512;

/** A gateway that hangs gets no new connections after 4 s. One success brings it back. */
const POD_CHECKS = { intervalMs: 2_000, fall: 2, rise: 1 };

/** Longest wait for the server name of a TLS connection. */
const CLIENT_HELLO_TIMEOUT_MS = 5_000;

/** The plan is made before all props are checked. A fraction must not throw here: a check reports it. */
const FRACTIONS = { integral: false };

/** A listener with all defaults filled in. */
export type ResolvedFrontListener = Required<FrontListener>;

/** The listeners of a front proxy or an entry, or one for each listener of its gateway; by port, so that the order of calls does not matter. */
export function resolveListeners(props: Pick<FrontProxyProps, 'listeners' | 'gateway'>): ResolvedFrontListener[] {
  const listeners: FrontListener[] = props.listeners ?? props.gateway.toIngressGatewayConfig().listeners.map(({ port }) => ({ port }));
  return listeners
    .map(({ port, gatewayPort = port, tls = gatewayPort === 443 }) => ({ port, gatewayPort, tls }))
    .sort(byPort);
}

/** The props and entries of a front proxy with one more listener, of an entry or of the proxy itself. */
export function withListener(props: FrontProxyProps, entries: FrontEntryOptions[], port: number, entry?: string): Required<Given> {
  const add = <T extends Pick<FrontProxyProps, 'listeners' | 'gateway'>>(to: T): T => ({ ...to, listeners: [...resolveListeners(to), { port }] });
  return entry === undefined
    ? { props: add(props), entries }
    : { props, entries: entries.map(known => known.name === entry ? add(known) : known) };
}

/** With the listeners of now: the gateway can get more of them later, and the caller can change its lists. */
export function resolveEntry(entry: FrontEntryOptions): FrontEntryOptions {
  return { ...entry, addresses: entry.addresses.map(canonicalAddress), listeners: resolveListeners(entry) };
}

/** Whether IPv6 clients are served. */
function servesIpv6(props: FrontProxyProps, entries: FrontEntryOptions[]): boolean {
  const known = [...props.nodes._addresses(), ...entries.flatMap(({ addresses }) => addresses)];
  return props.ipv6 ?? known.some(address => address.includes(':'));
}

/** What methods of a front proxy have added to its props. */
export interface FrontAdditions {
  readonly routes: FrontRouteOptions[];
  readonly entries: FrontEntryOptions[];
}

/** What a front proxy would have after a method has added to it; absent: what it has. */
export interface Given {
  readonly props?: FrontProxyProps;
  readonly entries?: FrontEntryOptions[];
}

/** What a front proxy cannot know from its props. */
export interface FrontSurroundings {
  /** `<namespace>/<name>` */
  readonly name: string;
  readonly memoryLimitBytes?: number;
  /** Virtual addresses that its nodes can have. */
  readonly virtualAddresses: string[];
}

/** The model of a front proxy. */
export function planProxy(props: FrontProxyProps, { routes, entries }: FrontAdditions, surroundings: FrontSurroundings): ProxyModel {
  const { name, memoryLimitBytes, virtualAddresses } = surroundings;
  const upstreams = new Upstreams();
  const upstreamOf: UpstreamOf = (gateway, port) => upstreams.nameOf(planUpstream(gateway, port));
  // all addresses of the node, because one text serves all nodes
  const addresses = servesIpv6(props, entries) ? ['0.0.0.0', '::'] : ['0.0.0.0'];
  const own = resolveListeners(props);
  const listeners = [
    ...own.map(listener => planListener(listener, addresses, props, routes, upstreamOf)),
    ...portsBeside(own, entries).map(port => ({ name: listenerName(port), addresses, port, routes: [] })),
  ].sort(byPort);
  const planned = entries.map(entry => planEntry(entry, upstreamOf));
  const fileDescriptors = props.fileDescriptors ?? DEFAULTS.fileDescriptors;
  return {
    name,
    listeners,
    entries: planned,
    upstreams: upstreams.all,
    health: { ...FRONT_HEALTH, port: props.healthPort ?? FRONT_HEALTH.port },
    ...(props.metrics && { metrics: planMetrics(props.metrics, METRICS_PORT, addresses, virtualAddresses) }),
    connectTimeoutMs: props.connectTimeout?.toMilliseconds(FRACTIONS) ?? DEFAULTS.connectTimeoutMs,
    maxConnectAttempts: props.maxConnectAttempts ?? DEFAULTS.maxConnectAttempts,
    idleTimeoutMs: props.idleTimeout?.toMilliseconds(FRACTIONS) ?? DEFAULTS.idleTimeoutMs,
    keepAlive: KEEP_ALIVE,
    clientHelloTimeoutMs: CLIENT_HELLO_TIMEOUT_MS,
    podChecks: POD_CHECKS,
    logsSuccess: props.accessLog === AccessLog.ALL,
    maxConnections: props.maxConnections ?? Math.min(MOST_CONNECTIONS, connectionsWithin(fileDescriptors, RESERVED_FILE_DESCRIPTORS)),
    maxConnectionsPerClient: props.maxConnectionsPerClient,
    fileDescriptors,
    reservedFileDescriptors: RESERVED_FILE_DESCRIPTORS,
    concurrency: props.concurrency ?? DEFAULTS.concurrency,
    memoryLimitBytes,
    snippets: props.configurationSnippets,
    runDirectory: '/run/front',
  };
}

type UpstreamOf = (gateway: IngressGatewayConfig, port: number) => string;

function planListener(
  listener: ResolvedFrontListener, addresses: string[], props: FrontProxyProps, routes: FrontRouteOptions[], upstreamOf: UpstreamOf,
): ProxyListener {
  const routed = listener.tls ? routes : [];
  const closes = routed.length > 0 && props.unmatchedServerName === UnmatchedServerName.CLOSE;
  return {
    name: listenerName(listener.port),
    addresses,
    port: listener.port,
    routes: routed.flatMap(route => planRoutes(route, upstreamOf(route.gateway.toIngressGatewayConfig(), route.gatewayPort ?? listener.gatewayPort))),
    defaultUpstream: closes ? undefined : upstreamOf(props.gateway.toIngressGatewayConfig(), listener.gatewayPort),
  };
}

/** Ports that entries have and the proxy itself lacks. */
function portsBeside(own: ResolvedFrontListener[], entries: FrontEntryOptions[]): number[] {
  const ports = entries.flatMap(entry => resolveListeners(entry).map(({ port }) => port));
  return [...new Set(ports)].filter(port => !own.some(listener => listener.port === port));
}

function planEntry(entry: FrontEntryOptions, upstreamOf: UpstreamOf): ProxyEntry {
  const gateway = entry.gateway.toIngressGatewayConfig();
  const upstreams = resolveListeners(entry).map(({ port, gatewayPort }) => [listenerName(port), upstreamOf(gateway, gatewayPort)]);
  return { name: entry.name, addresses: entry.addresses, upstreams: Object.fromEntries(upstreams) as ProxyEntry['upstreams'] };
}

function planRoutes(route: FrontRouteOptions, upstream: string): ProxyRoute[] {
  return route.serverNames.map(serverName => ({ serverName, upstream }));
}

function listenerName(port: number): string {
  return ({ 80: 'http', 443: 'https' } as { [port: number]: string })[port] ?? `tcp-${port}`;
}

/** Upstreams by name. Different upstreams have different names. */
class Upstreams {
  private readonly byName = new Map<string, ProxyUpstream>();

  public get all(): ProxyUpstream[] {
    return [...this.byName.values()];
  }

  /** The name of this upstream. It gets a number if a different upstream has the same name, since names joined by dashes can be equal. */
  public nameOf(wanted: ProxyUpstream): string {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted.name : `${wanted.name}-${number}`;
      const upstream = { ...wanted, name };
      const known = this.byName.get(name);
      if (known === undefined || JSON.stringify(known) === JSON.stringify(upstream)) {
        this.byName.set(name, upstream);
        return name;
      }
    }
  }
}

/** `checkGatewayPort` reports a port that the gateway does not have. */
function planUpstream(gateway: IngressGatewayConfig, port: number): ProxyUpstream {
  const name = `${gateway.serviceName}-${gateway.namespace}-${port}`;
  const sendProxyProtocol = gateway.receivesProxyProtocol;
  const targetPort = gateway.listeners.find(listener => listener.port === port)?.targetPort ?? port;
  if (gateway.bindAddress !== undefined) {
    return { name, local: { address: gateway.bindAddress, port: targetPort }, sendProxyProtocol };
  }
  const domain = `${gateway.namespace}.svc.${gateway.clusterDomain}`;
  return {
    name,
    service: { host: `${gateway.serviceName}.${domain}`, port },
    ...(gateway.headlessServiceName && {
      pods: {
        host: `${gateway.headlessServiceName}.${domain}`,
        port: targetPort,
        maxPods: gateway.maxPods,
        health: { port: GATEWAY_HEALTH_PORT, path: GATEWAY_HEALTH_PATH },
      },
    }),
    sendProxyProtocol,
  };
}
