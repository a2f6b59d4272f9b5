// hosts and paths that an edge has opened so far, and through which API
import type { Construct } from 'constructs';
import { checkExposure, checkRouteApi } from './check-exposure';
import type { ExposureWay } from './check-exposure';
import type { ExposeOptions } from './expose-options';
import { tlsOf } from './exposed-host';
import type { ExposedHost, HostRoutes } from './exposed-host';
import { GatewayApiRoutes } from './gateway-api-routes';
import { IstioRoutes } from './istio-routes';
import { RouteObjects } from './route-objects';
import { Registry } from '../nodes/registry';
import { throwIfAny } from '../validation/problem';
import type { Labels } from '../workload/names';

export interface ExposuresProps extends ExposureWay {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Revision of the control plane. @default - the default revision */
  readonly revision?: string;
}

/** What an edge has opened so far. */
export class Exposures {
  private readonly hosts = new Map<string, ExposedHost>();
  private readonly routes: HostRoutes;

  constructor(private readonly edge: Construct, private readonly props: ExposuresProps) {
    throwIfAny(checkRouteApi(props), edge.node.path);
    const { gateway, routeApi, labels, annotations } = props;
    const objects = new RouteObjects(edge, { namespace: gateway.toIngressGatewayConfig().namespace, labels, annotations });
    this.routes = routeApi._tlsRouteVersion
      ? new GatewayApiRoutes(edge, objects, gateway, routeApi._tlsRouteVersion, props.revision)
      : new IstioRoutes(objects, gateway);
  }

  /** Adds a path of a host; the first one makes the host's objects. */
  public add(host: string, options: ExposeOptions): void {
    const known = this.hosts.get(host);
    throwIfAny(checkExposure(host, options, this.props, known), this.edge.node.path);
    const exposed = known ?? this.open({ host, tls: tlsOf(options), paths: [] });
    exposed.paths.push({
      pathPrefix: options.pathPrefix ?? '/',
      service: options.service,
      namespace: options.serviceNamespace ?? this.props.gateway.toIngressGatewayConfig().namespace,
      port: options.port,
      timeout: options.timeout,
      retries: options.retries,
    });
    this.routes.write(exposed);
  }

  private open(exposed: ExposedHost): ExposedHost {
    this.hosts.set(exposed.host, exposed);
    this.claim(exposed.host);
    return exposed;
  }

  /** Two edges before one gateway could give one host two meanings. */
  private claim(host: string): void {
    const { serviceName, namespace } = this.props.gateway.toIngressGatewayConfig();
    Registry.of(this.edge).claim({
      claimant: this.edge,
      key: `host/${namespace}/${serviceName}/${host}`,
      against: earlier => ({
        code: 'host-twice',
        what: `${host} is also exposed by ${earlier.claimant.node.path}, through the same gateway`,
        got: host,
        fix: 'expose all paths of a host by one edge',
      }),
    });
  }
}
