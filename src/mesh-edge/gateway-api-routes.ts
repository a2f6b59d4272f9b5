// hosts as Gateway API objects: Gateways that name our Service, HTTPRoutes, TLSRoutes, and the grants that they need
import type { ApiObject } from 'cdk8s';
import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { backendRef, GATEWAY_API_GROUP, GATEWAY_API_V1, gatewaySpec, OWN_NAMESPACE, parentRef, terminate } from './gateway-api';
import { makeGatewayApiTcp } from './gateway-api-tcp-routes';
import { checkListenerNames, coveringName, EVERY_NAME } from './listener-names';
import type { TlsListener } from './listener-names';
import { ReferenceGrants } from './reference-grants';
import type { TcpRouteVersion, TlsRouteVersion } from './route-api';
import type { RouteObjects } from './route-objects';
import { hostId } from './route-objects';
import type { RoutedHost, RoutedPath, HostRoutes } from './routed-host';
import { EVERY_HOST, gatewayId, GatewayHosts, HTTP_PORT, HTTPS_PORT, longestFirst, trimmed } from './routed-host';
import type { RoutedTcp } from './routed-tcp';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { Registry } from '../nodes/registry';
import { checkLater } from '../workload/at-synthesis';
import type { Labels } from '../workload/names';

/** What an edge has chosen of Gateway API. */
export interface GatewayApiChoice {
  readonly tlsRouteVersion: TlsRouteVersion;
  readonly tcpRouteVersion: TcpRouteVersion;
  readonly revision?: string;
}

/** Limit of rules in one HTTPRoute. */
const MOST_RULES = 16;

/**
 * `Gateway`, `HTTPRoute`, `TLSRoute` and `ReferenceGrant`. Defaults of the API server are written out, because GitOps tools
 * compare manifests with the cluster.
 *
 * Plain HTTP, passthrough and each certificate have a Gateway with one listener. A Gateway can have 64 listeners at most, and
 * istiod merges all Gateways of a Service. So no listener changes when another is added or removed.
 */
export class GatewayApiRoutes implements HostRoutes {
  private readonly gateways = new GatewayHosts();
  private readonly grants: ReferenceGrants;
  private readonly namespace: string;
  /** Of each Gateway. */
  private readonly labels: Labels;

  constructor(
    private readonly edge: Construct, private readonly objects: RouteObjects, private readonly gateway: IIngressGateway,
    private readonly choice: GatewayApiChoice,
  ) {
    const { namespace, serviceName } = gateway.toIngressGatewayConfig();
    this.namespace = namespace;
    this.grants = new ReferenceGrants(objects, namespace);
    this.labels = choice.revision === undefined ? {} : { 'istio.io/rev': choice.revision };
    const ofSameGateway = Registry.of(edge).shared<GatewayApiRoutes[]>(`gateway-api/${namespace}/${serviceName}`, () => []);
    ofSameGateway.push(this);
    const others = () => ofSameGateway.filter(routes => routes !== this).flatMap(routes => routes.tlsListeners());
    checkLater(edge, () => checkListenerNames(this.tlsListeners(), others()));
  }

  public openHost(host: RoutedHost): ApiObject[] {
    const { passthrough, httpsRedirect } = host.tls;
    const gateway = this.openAt(gatewayId(host), host);
    const route = passthrough ? this.writeTlsRoute(host) : this.writeHttpRoute(host, 0);
    const grants = this.grants.grant(host.paths[0], passthrough ? 'TLSRoute' : 'HTTPRoute');
    const redirect = httpsRedirect ? [this.openAt('http', host), this.writeRedirect(host)] : [];
    return [gateway, route, ...redirect, ...grants];
  }

  /** A host with more rules than fit into one HTTPRoute gets several, which Istio merges. */
  public addPath(host: RoutedHost, path: RoutedPath): ApiObject[] {
    const index = host.paths.push(path) - 1;
    const route = index % MOST_RULES === 0 ? [this.writeHttpRoute(host, index)] : [];
    return [...route, ...this.grants.grant(path, 'HTTPRoute')];
  }

  public openTcp(route: RoutedTcp): ApiObject[] {
    const { objects, grants, gateway, labels, choice: { tlsRouteVersion, tcpRouteVersion } } = this;
    return makeGatewayApiTcp({ objects, grants, gateway: gateway.toIngressGatewayConfig(), labels, tlsRouteVersion, tcpRouteVersion }, route);
  }

  private tlsListeners(): TlsListener[] {
    return this.gateways.entries().filter(([id]) => id !== 'http').map(([id, hosts]) => ({
      title: `${this.edge.node.path}'s ${id}`, passthrough: id === 'passthrough', hosts: hosts.map(({ name }) => name),
    }));
  }

  /** Writes a route with the rules from this path on. */
  private writeHttpRoute(host: RoutedHost, first: number): ApiObject {
    const { name, paths } = host;
    const part = first === 0 ? '' : String(first / MOST_RULES + 1);
    return this.objects.make({
      scope: `expose-${hostId(name)}`,
      id: `HTTPRoute${part}`,
      apiVersion: GATEWAY_API_V1,
      kind: 'HTTPRoute',
      name: `${this.objects.nameOfHost(name)}${part && `---${part}`}`,
      spec: {
        parentRefs: [this.parentRef(gatewayId(host))],
        ...hostnamesOf(host),
        rules: Lazy.any({ produce: () => longestFirst(paths.slice(first, first + MOST_RULES)).map(path => this.rule(path)) }),
      },
    });
  }

  private writeTlsRoute(host: RoutedHost): ApiObject {
    const { name, paths } = host;
    return this.objects.make({
      scope: `expose-${hostId(name)}`,
      apiVersion: `${GATEWAY_API_GROUP}/${this.choice.tlsRouteVersion}`,
      kind: 'TLSRoute',
      name: this.objects.nameOfHost(name),
      spec: { parentRefs: [this.parentRef(gatewayId(host))], hostnames: [name], rules: [{ backendRefs: [backendRef(paths[0], this.namespace)] }] },
    });
  }

  private writeRedirect(host: RoutedHost): ApiObject {
    return this.objects.make({
      scope: `expose-${hostId(host.name)}`,
      id: 'Redirect',
      apiVersion: GATEWAY_API_V1,
      kind: 'HTTPRoute',
      name: `${this.objects.nameOfHost(host.name)}---redirect`,
      spec: {
        parentRefs: [this.parentRef('http')],
        ...hostnamesOf(host),
        rules: [{
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }],
        }],
      },
    });
  }

  /** Adds the host to the Gateway with this id. Makes the Gateway for its first host. */
  private openAt(id: string, host: RoutedHost): ApiObject {
    const hosts = this.gateways.add(id, host);
    return hosts === undefined ? this.objects.made(`gateway-${id}`, 'Gateway') : this.objects.make({
      scope: `gateway-${id}`,
      apiVersion: GATEWAY_API_V1,
      kind: 'Gateway',
      name: this.objects.sharedName(id),
      labels: this.labels,
      spec: {
        ...gatewaySpec(this.gateway.toIngressGatewayConfig(), Lazy.any({ produce: () => [listener(id, hosts)] })),
        ...(id !== 'http' && host.tls.clientCaSecretName !== undefined && { tls: clientTls(host.tls.clientCaSecretName) }),
      },
    });
  }

  private parentRef(id: string): object {
    return parentRef(this.objects.sharedName(id), sectionOf(id));
  }

  private rule(path: RoutedPath): object {
    return {
      matches: [{ path: { type: 'PathPrefix', value: trimmed(path.pathPrefix) || '/' } }],
      ...(path.rewritePrefix && { filters: [rewrite(path.rewritePrefix)] }),
      backendRefs: [backendRef(path, this.namespace)],
      ...(path.timeout && { timeouts: { request: gep2257(path.timeout.toMilliseconds()) } }),
    };
  }
}

function rewrite(prefix: string): object {
  return { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: trimmed(prefix) || '/' } } };
}

/** A route without hostnames is for every host that no other route is for. */
function hostnamesOf({ name }: RoutedHost): object {
  return name === EVERY_HOST ? {} : { hostnames: [name] };
}

function sectionOf(id: string): string {
  if (id === 'http') {
    return 'http';
  }
  return id === 'passthrough' ? 'tls' : 'https';
}

function listener(id: string, hosts: RoutedHost[]): object {
  const common = { name: sectionOf(id), allowedRoutes: OWN_NAMESPACE };
  if (id === 'http') {
    return { ...common, port: HTTP_PORT, protocol: 'HTTP' };
  }
  if (id === 'passthrough') {
    return { ...common, port: HTTPS_PORT, protocol: 'TLS', tls: { mode: 'Passthrough' } };
  }
  const hostname = coveringName(hosts.map(({ name }) => name));
  return {
    ...common,
    ...(hostname !== EVERY_NAME && { hostname }),
    port: HTTPS_PORT,
    protocol: 'HTTPS',
    tls: terminate(hosts[0].tls.secretName),
  };
}

/** Each certificate has a Gateway of its own, so this holds for its hosts only. */
function clientTls(caSecretName: string): object {
  const caCertificateRefs = [{ group: '', kind: 'Secret', name: caSecretName }];
  return { frontend: { default: { validation: { mode: 'AllowValidOnly', caCertificateRefs } } } };
}

/** Duration of Gateway API: at most five digits a unit. @see https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
function gep2257(milliseconds: number): string {
  const [seconds, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  return `${seconds > 0 ? `${seconds}s` : ''}${rest > 0 ? `${rest}ms` : ''}`;
}
