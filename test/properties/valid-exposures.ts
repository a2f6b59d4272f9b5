// arbitrary valid hosts, paths and TCP services that an edge or an entry exposes
import { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import * as any from './arbitraries';
import type { MadeGateway } from './valid-gateways';
import { isOlderThan, pathOptions, pathPrefix, port } from './valid-options';
import type { Ports } from './valid-ports';
import { EdgeCertificate } from '../../src';
import type { ExposeOptions, FrontProxy, MeshEdgeEntry, PathOptions } from '../../src';
import { checkNotNodes } from '../../src/nodes/node-ports';

const HOUR = 3_600_000;

const certificate = () => fc.record({
  cluster: fc.boolean(), name: any.dnsName(), issuerGroup: any.dnsName(),
  duration: any.duration(2 * HOUR, 3650 * 24 * HOUR, 1000), renewBefore: any.duration(300_000, 2 * HOUR - 1000, 1000),
}, { requiredKeys: ['cluster', 'name'] });

export const exposureWishes = () => fc.record({
  hosts: fc.array(fc.record({
    host: fc.oneof({ weight: 9, arbitrary: any.hostOrWildcard() }, { weight: 1, arbitrary: fc.constant('*') }),
    tls: fc.constantFrom('none', 'secret', 'certificate', 'named-certificate', 'passthrough', 'as-before'),
    secretName: any.dnsName(), certificate: certificate(),
    clientCa: fc.option(any.dnsName(), { nil: undefined }),
    redirect: fc.option(fc.boolean(), { nil: undefined }),
    paths: fc.array(fc.record({ prefix: pathPrefix(), options: pathOptions() }), { minLength: 1, maxLength: 20 }),
  }), { maxLength: 4 }),
  tcp: fc.array(fc.record({
    port: port(), options: pathOptions(), names: fc.array(any.hostOrWildcard(), { maxLength: 3 }),
    secretName: fc.option(any.dnsName(), { nil: undefined }),
  }), { maxLength: 3 }),
});

export type ExposureWishes = ReturnType<typeof exposureWishes> extends fc.Arbitrary<infer T> ? T : never;
type HostWish = ExposureWishes['hosts'][number];
type TcpWish = ExposureWishes['tcp'][number];

export interface ExposureContext extends Pick<MadeGateway, 'isOwn' | 'isLoopback' | 'services' | 'targets' | 'offset' | 'version'> {
  readonly routeApi: 'istio' | 'gateway-api' | 'gateway-api-options';
  readonly front?: FrontProxy;
  readonly entry?: string;
  readonly hostPorts: Ports;
  /** For which the versions of routes were chosen. @default - that of the gateway */
  readonly edgeVersion?: string;
}

/** How each service of a case is reached: all paths to one must have the same. */
const reached = new WeakMap<object, Map<string, PathOptions['backendTls']>>();

export function expose(edge: MeshEdgeEntry, wishes: ExposureWishes, context: ExposureContext): void {
  const reachable = new Set(context.front
    ? context.front._listenersOf(context.entry).map(({ port: own, gatewayPort = own }) => gatewayPort)
    : edge.gateway.toIngressGatewayConfig().listeners.map(listener => listener.port));
  const exposer = new Exposer(edge, context, reachable);
  wishes.hosts.forEach((host, index) => exposer.host(host, wishes.hosts[index - 1]));
  wishes.tcp.forEach(service => exposer.tcp(service));
}

class Exposer {
  private readonly hosts = new Map<string, Partial<ExposeOptions>>();
  private readonly services: Map<string, PathOptions['backendTls']>;
  private hasPassthrough = false;
  private hasTlsForAll = false;

  constructor(private readonly edge: MeshEdgeEntry, private readonly context: ExposureContext, private readonly reachable: Set<number>) {
    this.services = reached.get(edge.node.root) ?? new Map();
    reached.set(edge.node.root, this.services);
  }

  private get isGatewayApi(): boolean {
    return this.context.routeApi !== 'istio' && !this.context.isLoopback;
  }

  public host(wish: HostWish, before: HostWish | undefined): void {
    const { host } = wish;
    if (this.hosts.has(host)) return;
    const [{ prefix, options }, ...more] = wish.paths;
    const tls = this.tlsOf(wish, before);
    const redirect = this.redirectOf(wish, tls);
    if (!this.opens(tls, redirect)) return;
    this.hosts.set(host, tls === 'passthrough' ? {} : tls);
    if (tls === 'passthrough') {
      this.hasPassthrough = true;
      const { service, serviceNamespace, port: servicePort } = this.backend(options, false);
      this.edge.exposeTlsPassthrough(host, { service, serviceNamespace, port: servicePort, ...redirect });
      return;
    }
    const exposed = this.edge.expose(host, { ...this.path(prefix, options), ...tls, ...redirect, ...(prefix !== '/' && { pathPrefix: prefix }) });
    const known = new Set([trimmed(prefix)]);
    for (const { prefix: next, options: nextOptions } of more) {
      if (known.has(trimmed(next))) continue;
      known.add(trimmed(next));
      exposed.addPath(next, this.path(next, nextOptions));
    }
  }

  /** Services of one port differ in their server names. */
  public tcp({ port: wanted, options, names, secretName }: TcpWish): void {
    const { isOwn, front, hostPorts, services, targets, offset } = this.context;
    if (!isOwn || !this.readsRoutes()) return;
    const edgePort = front ? hostPorts.take(wanted, services) : services.take(wanted);
    const own = edgePort + offset(edgePort);
    if (edgePort === 80 || edgePort === 443 || checkNotNodes('port', edgePort).length > 0 || !targets.has(own)) return;
    targets.take(own);
    const distinct = names.length === 0 ? [undefined] : [...new Set(names)];
    for (const serverName of distinct) {
      const { service, serviceNamespace, port: servicePort } = this.backend(options, false);
      this.edge.exposeTcp(edgePort, {
        service, serviceNamespace, port: servicePort,
        ...(serverName && { serverName }), ...(secretName !== undefined && { tlsSecretName: secretName }),
      });
    }
  }

  /** Whether this gateway's Istio reads the versions of routes that fit the edge's own gateway. */
  private readsRoutes(): boolean {
    const { version, edgeVersion, entry } = this.context;
    const same = (minor: number) => version === undefined || isOlderThan(version, minor) === isOlderThan(edgeVersion, minor);
    return !this.isGatewayApi || entry === undefined || (same(30) && same(31));
  }

  /** Hosts of one Secret have the same certificate. With Gateway API each has a Secret of its own, so that no listener hides another. */
  private tlsOf(wish: HostWish, before: HostWish | undefined): Partial<ExposeOptions> | 'passthrough' {
    const { host, clientCa } = wish;
    const mutual = clientCa === undefined ? {} : { clientCaSecretName: clientCa };
    const isEvery = host === '*';
    if (wish.tls === 'as-before' && before && !this.isGatewayApi && !isEvery && before.host !== '*') {
      return this.hosts.get(before.host) ?? {};
    }
    if (wish.tls === 'passthrough' && !isEvery && this.readsRoutes() && !(this.isGatewayApi && this.hasTlsForAll)) {
      return 'passthrough';
    }
    if (wish.tls === 'secret' && !(isEvery && this.isGatewayApi && this.hasPassthrough)) {
      this.hasTlsForAll ||= isEvery;
      return { tlsSecretName: `${this.hosts.size}.${wish.secretName}`.slice(0, 253).replace(/[-.]+$/, ''), ...mutual };
    }
    if ((wish.tls === 'certificate' || wish.tls === 'named-certificate') && !isEvery) {
      const { cluster, name, ...options } = wish.certificate;
      const secret = wish.tls === 'certificate' ? {} : { secretName: `${this.edge.node.path.length}-${this.hosts.size}.${wish.secretName}`.slice(0, 253).replace(/[-.]+$/, '') };
      return { certificate: (cluster ? EdgeCertificate.clusterIssuer : EdgeCertificate.issuer)(name, { ...options, ...secret }), ...mutual };
    }
    return {};
  }

  private redirectOf({ redirect }: HostWish, tls: Partial<ExposeOptions> | 'passthrough'): { httpsRedirect?: boolean } {
    const hasTls = tls === 'passthrough' || tls.tlsSecretName !== undefined || tls.certificate !== undefined;
    if (!hasTls) return {};
    return this.reachable.has(80) ? redirect === undefined ? {} : { httpsRedirect: redirect } : { httpsRedirect: false };
  }

  private opens(tls: Partial<ExposeOptions> | 'passthrough', { httpsRedirect }: { httpsRedirect?: boolean }): boolean {
    const hasTls = tls === 'passthrough' || tls.tlsSecretName !== undefined || tls.certificate !== undefined;
    return hasTls ? this.reachable.has(443) && (httpsRedirect === false || this.reachable.has(80)) : this.reachable.has(80);
  }

  private path(prefix: string, { timeout, retries, rewritePrefix, ...options }: PathWish): PathOptions {
    const rewrites = rewritePrefix !== undefined && trimmed(rewritePrefix) !== trimmed(prefix) && !(this.isGatewayApi && trimmed(prefix) === '');
    return {
      ...this.backend({ ...options }, true),
      ...(timeout && { timeout }),
      ...(rewrites && { rewritePrefix }),
      ...(retries && !this.isGatewayApi && { retries: retriesOf(retries, timeout) }),
    };
  }

  private backend({ service, serviceNamespace, port: servicePort, backendTls }: PathWish, hasTls: boolean): PathOptions {
    const key = `${serviceNamespace ?? this.edge.gateway.toIngressGatewayConfig().namespace}/${service}`;
    const ca = backendTls?.ca === undefined ? {} : { [this.isGatewayApi ? 'caConfigMapName' : 'caSecretName']: backendTls.ca };
    const wanted = hasTls && backendTls ? { serverName: backendTls.serverName, ...ca } : undefined;
    const known = this.services.has(key) ? this.services.get(key) : wanted;
    this.services.set(key, known);
    // a passthrough or TCP service cannot have TLS of its own: it gets another name
    const free = known && !hasTls ? `${service.slice(0, 60).replace(/-+$/, '')}-2` : service;
    const namespace = serviceNamespace === undefined ? {} : { serviceNamespace };
    return { service: free, ...namespace, port: servicePort, ...(known && hasTls && { backendTls: known }) };
  }
}

type PathWish = ReturnType<typeof pathOptions> extends fc.Arbitrary<infer T> ? T : never;

type Retries = NonNullable<PathWish['retries']>;

function retriesOf({ attempts, perTryTimeout, retryOn }: Retries, timeout: Duration | undefined): NonNullable<PathOptions['retries']> {
  const limited = perTryTimeout && timeout && perTryTimeout.toMilliseconds() > timeout.toMilliseconds() ? timeout : perTryTimeout;
  return attempts === 0 ? { attempts } : { attempts, ...(limited && { perTryTimeout: limited }), ...(retryOn && { retryOn }) };
}

function trimmed(prefix: string): string {
  return prefix.replace(/\/$/, '');
}
