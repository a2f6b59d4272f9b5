// the hosts and paths that an edge exposes
import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { BackendTlsRules } from './backend-tls';
import { Certificates } from './certificates';
import { checkAddedPath, checkExposure, checkPassthrough } from './check-exposure';
import type { ExposureContext } from './check-exposure';
import type { ExposeOptions, ExposeTcpOptions, PathOptions, TlsPassthroughOptions } from './expose-options';
import { ExposedHost } from './exposed-host';
import { ExposedRoute } from './exposed-route';
import { ExposedTcp } from './exposed-tcp';
import { GatewayApiRoutes } from './gateway-api-routes';
import { IstioRoutes } from './istio-routes';
import { RouteObjects } from './route-objects';
import { passthroughTlsOf, tlsOf } from './routed-host';
import type { HostRoutes, HostTls, RoutedHost, RoutedPath } from './routed-host';
import { servicesOf } from './topology';
import type { TopologyService } from './topology';
import { Registry } from '../nodes/registry';
import { ownCopy } from '../validation/own-copy';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import type { Labels } from '../workload/names';

/** What an edge gives to its hosts. */
export interface ExposuresProps extends ExposureContext {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Further annotations of each `Gateway`. */
  readonly gatewayAnnotations: Labels;
}

/** Checks, records and writes what one edge exposes. */
export class Exposures {
  private readonly hosts = new Map<string, RoutedHost>();
  private readonly routes: HostRoutes;
  private readonly objects: RouteObjects;
  private readonly backendTls: BackendTlsRules;
  private readonly certificates: Certificates;
  private readonly tcp: ExposedTcp;

  constructor(private readonly edge: Construct, private readonly props: ExposuresProps) {
    const { gateway, routeApi, istio, labels, annotations, gatewayAnnotations } = props;
    const { namespace } = gateway.toIngressGatewayConfig();
    const objects = new RouteObjects(edge, { namespace, labels, annotations, gatewayAnnotations });
    const { _tlsRouteVersion: tlsRouteVersion, _tcpRouteVersion: tcpRouteVersion, _revision: revision = istio.revision } = routeApi;
    this.routes = tlsRouteVersion && tcpRouteVersion
      ? new GatewayApiRoutes(edge, objects, gateway, { tlsRouteVersion, tcpRouteVersion, revision })
      : new IstioRoutes(objects, gateway);
    this.objects = objects;
    this.certificates = new Certificates(edge, objects, namespace);
    this.backendTls = new BackendTlsRules(edge, objects, gateway, routeApi);
    this.tcp = new ExposedTcp(edge, props, this.routes, this.backendTls);
  }

  /** Exposes a host with its first path. */
  public add(host: string, options: ExposeOptions): ExposedHost {
    const path = this.pathOf(options.pathPrefix ?? '/', options);
    const tls = tlsOf(options, `${this.objects.nameOfHost(host)}-tls`);
    throwIfAny([
      ...checkExposure(host, options, tls, this.props, this.hosts.has(host)), ...this.certificates.check(tls), ...this.backendTls.check(path),
    ], this.edge.node.path);
    const { routed, objects } = this.open(host, tls, path);
    return ExposedHost._of(host, objects, (pathPrefix, pathOptions) => {
      const made = this.addPath(routed, pathPrefix, pathOptions);
      objects.push(...made.filter(object => !objects.includes(object)));
    });
  }

  /** Exposes a host whose TLS passes through the gateway. */
  public addPassthrough(host: string, options: TlsPassthroughOptions): ExposedRoute {
    const path = this.pathOf('/', options);
    throwIfAny([...checkPassthrough(host, options, this.props, this.hosts.has(host)), ...this.backendTls.check(path)], this.edge.node.path);
    return ExposedRoute._of(this.open(host, passthroughTlsOf(options), path).objects);
  }

  /** Exposes a TCP or TLS service on a port of the edge. */
  public addTcp(port: number, options: ExposeTcpOptions): ExposedRoute {
    return ExposedRoute._of(this.tcp.add(port, options));
  }

  /** What it exposes so far, for a picture. */
  public services(): TopologyService[] {
    return servicesOf([...this.hosts.values()], this.tcp.all);
  }

  private open(name: string, tls: HostTls, path: RoutedPath): { readonly routed: RoutedHost; readonly objects: ApiObject[] } {
    const routed = { name, tls, paths: [path] };
    this.hosts.set(name, routed);
    this.claim(name);
    return { routed, objects: [...this.routes.openHost(routed), ...this.certificates.add(routed), ...this.backendTls.add(path)] };
  }

  private addPath(host: RoutedHost, pathPrefix: string, options: PathOptions): ApiObject[] {
    validateCall('ExposedHost.addPath', { pathPrefix, options }, this.edge.node.path);
    const path = this.pathOf(pathPrefix, options);
    throwIfAny([...checkAddedPath(host, pathPrefix, options, this.props.routeApi), ...this.backendTls.check(path)], this.edge.node.path);
    const objects = [...this.routes.addPath(host, path), ...this.backendTls.add(path)];
    Registry.of(this.edge).noteChange();
    return objects;
  }

  private pathOf(pathPrefix: string, { service, serviceNamespace, port, timeout, retries, rewritePrefix, backendTls }: PathOptions): RoutedPath {
    const namespace = serviceNamespace ?? this.props.gateway.toIngressGatewayConfig().namespace;
    return ownCopy({ pathPrefix, service, namespace, port, timeout, retries, rewritePrefix, backendTls });
  }

  /** Two edges with one gateway could give one host different routes. */
  private claim(host: string): void {
    const { serviceName, namespace } = this.props.gateway.toIngressGatewayConfig();
    Registry.of(this.edge).claim({
      claimant: this.edge,
      key: `host/${namespace}/${serviceName}/${host}`,
      clashWith: earlier => ({
        code: 'host-twice',
        what: `host is also exposed by ${earlier.claimant.node.path} through the same gateway`,
        got: host,
        fix: 'expose all paths of a host in one edge',
      }),
    });
  }
}
