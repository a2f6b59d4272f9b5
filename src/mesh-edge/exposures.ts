// the hosts and paths that an edge exposes
import type { Construct } from 'constructs';
import { BackendTlsRules } from './backend-tls';
import { Certificates } from './certificates';
import { checkAddedPath, checkExposure, checkPassthrough } from './check-exposure';
import type { ExposureContext } from './check-exposure';
import type { ExposeOptions, PathOptions, TlsPassthroughOptions } from './expose-options';
import { ExposedHost } from './exposed-host';
import { GatewayApiRoutes } from './gateway-api-routes';
import { IstioRoutes } from './istio-routes';
import { RouteObjects } from './route-objects';
import { passthroughTlsOf, tlsOf } from './routed-host';
import type { HostRoutes, HostTls, RoutedHost, RoutedPath } from './routed-host';
import { Registry } from '../nodes/registry';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import type { Labels } from '../workload/names';

/** What an edge gives to its hosts. */
export interface ExposuresProps extends ExposureContext {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Checks, records and writes what one edge exposes. */
export class Exposures {
  private readonly hosts = new Set<string>();
  private readonly routes: HostRoutes;
  private readonly objects: RouteObjects;
  private readonly backendTls: BackendTlsRules;
  private readonly certificates: Certificates;

  constructor(private readonly edge: Construct, private readonly props: ExposuresProps) {
    const { gateway, routeApi, istio, labels, annotations } = props;
    const objects = new RouteObjects(edge, { namespace: gateway.toIngressGatewayConfig().namespace, labels, annotations });
    this.routes = routeApi._tlsRouteVersion
      ? new GatewayApiRoutes(edge, objects, gateway, routeApi._tlsRouteVersion, routeApi._revision ?? istio.revision)
      : new IstioRoutes(objects, gateway);
    this.objects = objects;
    this.certificates = new Certificates(objects);
    this.backendTls = new BackendTlsRules(edge, objects, gateway, routeApi);
  }

  /** Exposes a host with its first path. */
  public add(host: string, options: ExposeOptions): ExposedHost {
    const path = this.pathOf(options.pathPrefix ?? '/', options);
    const tls = tlsOf(options, `${this.objects.nameOfHost(host)}-tls`);
    throwIfAny([
      ...checkExposure(host, options, tls, this.props, this.hosts.has(host)), ...this.certificates.check(tls), ...this.backendTls.check(path),
    ], this.edge.node.path);
    const routed = this.open(host, tls, path);
    return ExposedHost._of(host, (pathPrefix, pathOptions) => this.addPath(routed, pathPrefix, pathOptions));
  }

  /** Exposes a host whose TLS passes through the gateway. */
  public addPassthrough(host: string, options: TlsPassthroughOptions): void {
    const path = this.pathOf('/', options);
    throwIfAny([...checkPassthrough(host, options, this.props, this.hosts.has(host)), ...this.backendTls.check(path)], this.edge.node.path);
    this.open(host, passthroughTlsOf(options), path);
  }

  private open(name: string, tls: HostTls, path: RoutedPath): RoutedHost {
    const host = { name, tls, paths: [path] };
    this.hosts.add(name);
    this.claim(name);
    this.routes.openHost(host);
    this.certificates.add(host);
    this.backendTls.add(path);
    return host;
  }

  private addPath(host: RoutedHost, pathPrefix: string, options: PathOptions): void {
    validateCall('ExposedHost.addPath', { pathPrefix, options }, this.edge.node.path);
    const path = this.pathOf(pathPrefix, options);
    throwIfAny([...checkAddedPath(host, pathPrefix, options, this.props.routeApi), ...this.backendTls.check(path)], this.edge.node.path);
    this.routes.addPath(host, path);
    this.backendTls.add(path);
    Registry.of(this.edge).noteChange();
  }

  private pathOf(pathPrefix: string, { service, serviceNamespace, port, timeout, retries, rewritePrefix, backendTls }: PathOptions): RoutedPath {
    const namespace = serviceNamespace ?? this.props.gateway.toIngressGatewayConfig().namespace;
    return { pathPrefix, service, namespace, port, timeout, retries, rewritePrefix, backendTls };
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
