// hosts as Gateway API objects: Gateways that name our Service, HTTPRoutes, TLSRoutes, and the grants that they need
import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { checkListenerNames, coveringName, EVERY_NAME } from './listener-names';
import type { TlsListener } from './listener-names';
import type { TlsRouteVersion } from './route-api';
import type { RouteObjects } from './route-objects';
import { hostId } from './route-objects';
import type { RoutedHost, RoutedPath, HostRoutes } from './routed-host';
import { gatewayId, GatewayHosts, HTTP_PORT, HTTPS_PORT, longestFirst, trimmed } from './routed-host';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { Registry } from '../nodes/registry';
import { checkLater } from '../workload/at-synthesis';

const GROUP = 'gateway.networking.k8s.io';
const V1 = `${GROUP}/v1`;

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
  /** For each service of another namespace: the kinds of routes that lead to it. */
  private readonly grants = new Map<string, Set<string>>();
  private readonly namespace: string;

  constructor(
    private readonly edge: Construct, private readonly objects: RouteObjects, private readonly gateway: IIngressGateway,
    private readonly tlsRouteVersion: TlsRouteVersion, private readonly revision?: string,
  ) {
    const { namespace, serviceName } = gateway.toIngressGatewayConfig();
    this.namespace = namespace;
    const ofSameGateway = Registry.of(edge).shared<GatewayApiRoutes[]>(`gateway-api/${namespace}/${serviceName}`, () => []);
    ofSameGateway.push(this);
    const others = () => ofSameGateway.filter(routes => routes !== this).flatMap(routes => routes.tlsListeners());
    checkLater(edge, () => checkListenerNames(this.tlsListeners(), others()));
  }

  public openHost(host: RoutedHost): void {
    this.openAt(gatewayId(host), host);
    if (host.tls.passthrough) {
      this.writeTlsRoute(host);
    } else {
      this.writeHttpRoute(host, 0);
    }
    this.grant(host.paths[0], host.tls.passthrough ? 'TLSRoute' : 'HTTPRoute');
    if (host.tls.httpsRedirect) {
      this.writeRedirect(host);
    }
  }

  /** A host with more rules than fit into one HTTPRoute gets several, which Istio merges. */
  public addPath(host: RoutedHost, path: RoutedPath): void {
    const index = host.paths.push(path) - 1;
    if (index % MOST_RULES === 0) {
      this.writeHttpRoute(host, index);
    }
    this.grant(path, 'HTTPRoute');
  }

  private tlsListeners(): TlsListener[] {
    return this.gateways.entries().filter(([id]) => id !== 'http').map(([id, hosts]) => ({
      title: `${this.edge.node.path}'s ${id}`, passthrough: id === 'passthrough', hosts: hosts.map(({ name }) => name),
    }));
  }

  /** Writes a route with the rules from this path on. */
  private writeHttpRoute(host: RoutedHost, first: number): void {
    const { name, paths } = host;
    const part = first === 0 ? '' : String(first / MOST_RULES + 1);
    this.objects.make({
      scope: `expose-${hostId(name)}`,
      id: `HTTPRoute${part}`,
      apiVersion: V1,
      kind: 'HTTPRoute',
      name: `${this.objects.nameOfHost(name)}${part && `---${part}`}`,
      spec: {
        parentRefs: [this.parentRef(gatewayId(host))],
        hostnames: [name],
        rules: Lazy.any({ produce: () => longestFirst(paths.slice(first, first + MOST_RULES)).map(path => this.rule(path)) }),
      },
    });
  }

  private writeTlsRoute(host: RoutedHost): void {
    const { name, paths } = host;
    this.objects.make({
      scope: `expose-${hostId(name)}`,
      apiVersion: `${GROUP}/${this.tlsRouteVersion}`,
      kind: 'TLSRoute',
      name: this.objects.nameOfHost(name),
      spec: { parentRefs: [this.parentRef(gatewayId(host))], hostnames: [name], rules: [{ backendRefs: [this.backendRef(paths[0])] }] },
    });
  }

  private writeRedirect(host: RoutedHost): void {
    this.openAt('http', host);
    this.objects.make({
      scope: `expose-${hostId(host.name)}`,
      id: 'Redirect',
      apiVersion: V1,
      kind: 'HTTPRoute',
      name: `${this.objects.nameOfHost(host.name)}---redirect`,
      spec: {
        parentRefs: [this.parentRef('http')],
        hostnames: [host.name],
        rules: [{
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }],
        }],
      },
    });
  }

  /** Adds the host to the Gateway with this id. Makes the Gateway for its first host. */
  private openAt(id: string, host: RoutedHost): void {
    const hosts = this.gateways.add(id, host);
    if (!hosts) {
      return;
    }
    const { serviceName, clusterDomain } = this.gateway.toIngressGatewayConfig();
    this.objects.make({
      scope: `gateway-${id}`,
      apiVersion: V1,
      kind: 'Gateway',
      name: this.objects.sharedName(id),
      ...(this.revision && { labels: { 'istio.io/rev': this.revision } }),
      spec: {
        gatewayClassName: 'istio',
        // exactly one address, of this type: with any other list istiod deploys a gateway of its own
        addresses: [{ type: 'Hostname', value: `${serviceName}.${this.namespace}.svc.${clusterDomain}` }],
        listeners: Lazy.any({ produce: () => [listener(id, hosts)] }),
        ...(id !== 'http' && host.tls.clientCaSecretName !== undefined && { tls: clientTls(host.tls.clientCaSecretName) }),
      },
    });
  }

  private parentRef(id: string): object {
    return { group: GROUP, kind: 'Gateway', name: this.objects.sharedName(id), sectionName: sectionOf(id) };
  }

  private backendRef({ service, namespace, port }: RoutedPath): object {
    return { group: '', kind: 'Service', name: service, ...(namespace !== this.namespace && { namespace }), port, weight: 1 };
  }

  private rule(path: RoutedPath): object {
    return {
      matches: [{ path: { type: 'PathPrefix', value: trimmed(path.pathPrefix) || '/' } }],
      ...(path.rewritePrefix && { filters: [rewrite(path.rewritePrefix)] }),
      backendRefs: [this.backendRef(path)],
      ...(path.timeout && { timeouts: { request: gep2257(path.timeout.toMilliseconds()) } }),
    };
  }

  /** A service of another namespace needs a grant in its own namespace. */
  private grant({ service, namespace }: RoutedPath, routeKind: string): void {
    if (namespace === this.namespace) {
      return;
    }
    const key = `${namespace}.${service}`;
    const known = this.grants.get(key);
    if (known) {
      known.add(routeKind);
      return;
    }
    const kinds = new Set([routeKind]);
    this.grants.set(key, kinds);
    this.objects.make({
      scope: `grant-${key}`,
      // the only version in Gateway API 1.4; 1.5 and 1.6 store it, and istiod 1.31 reads it
      apiVersion: `${GROUP}/v1beta1`,
      kind: 'ReferenceGrant',
      name: this.objects.nameForService(namespace, service),
      namespace,
      spec: {
        from: Lazy.any({ produce: () => [...kinds].map(kind => ({ group: GROUP, kind, namespace: this.namespace })) }),
        to: [{ group: '', kind: 'Service', name: service }],
      },
    });
  }
}

function rewrite(prefix: string): object {
  return { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: trimmed(prefix) || '/' } } };
}

function sectionOf(id: string): string {
  if (id === 'http') {
    return 'http';
  }
  return id === 'passthrough' ? 'tls' : 'https';
}

function listener(id: string, hosts: RoutedHost[]): object {
  const common = { name: sectionOf(id), allowedRoutes: { namespaces: { from: 'Same' } } };
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
    tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: hosts[0].tls.secretName }] },
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
