// hosts as Istio's own objects: a VirtualService for each host, a Gateway for all hosts of one certificate
import type { ApiObject, Duration } from 'cdk8s';
import { Lazy } from 'cdk8s';
import type { RetryPolicy } from './expose-options';
import { destination, ISTIO_API_VERSION } from './istio-objects';
import { makeIstioTcp } from './istio-tcp-routes';
import type { RouteObjects } from './route-objects';
import { hostId } from './route-objects';
import { covers, gatewayId, GatewayHosts, HTTP_PORT, HTTPS_PORT, longestFirst, trimmed } from './routed-host';
import type { RoutedHost, RoutedPath, HostRoutes } from './routed-host';
import type { RoutedTcp } from './routed-tcp';
import { AUTHORITY_ENDING } from './secret-names';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';

/**
 * From HTTP to HTTPS. `httpsRedirect` of a Gateway would redirect every request. Of the routes of all objects for a host, Istio puts those
 * for `/` last, so a more specific one can answer without a redirect: that of ACME's HTTP-01.
 *
 * @see https://github.com/istio/istio/issues/27643
 */
const REDIRECT = { match: [{ port: HTTP_PORT, uri: { prefix: '/' } }], redirect: { scheme: 'https', redirectCode: 301 } };

/** Writes `Gateway` and `VirtualService`. */
export class IstioRoutes implements HostRoutes {
  private readonly gateways = new GatewayHosts();

  constructor(private readonly objects: RouteObjects, private readonly gateway: IIngressGateway) {}

  public openHost(host: RoutedHost): ApiObject[] {
    const { name, tls, paths } = host;
    const { clusterDomain } = this.gateway.toIngressGatewayConfig();
    const redirect = tls.httpsRedirect ? [REDIRECT] : [];
    // without it, the routes would also hold on port 80 if a wildcard of the same Gateway is opened there
    const ports = tls.secretName !== undefined && !tls.httpsRedirect ? { port: HTTPS_PORT } : {};
    const virtualService = this.objects.make({
      scope: `expose-${hostId(name)}`,
      apiVersion: ISTIO_API_VERSION,
      kind: 'VirtualService',
      name: this.objects.nameOfHost(name),
      spec: {
        hosts: [name],
        gateways: [this.objects.sharedName(gatewayId(host))],
        ...(tls.passthrough && tls.httpsRedirect && { http: redirect }),
        ...(tls.passthrough
          ? { tls: [{ match: [{ sniHosts: [name] }], route: [{ destination: destination(paths[0], clusterDomain) }] }] }
          : { http: Lazy.any({ produce: () => [...redirect, ...longestFirst(paths).flatMap(path => routes(path, clusterDomain, ports))] }) }),
      },
    });
    return [this.openAt(host), virtualService];
  }

  /** Needs no object: the VirtualService lists all paths when it is written. */
  public addPath({ paths }: RoutedHost, path: RoutedPath): ApiObject[] {
    paths.push(path);
    return [];
  }

  public openTcp(route: RoutedTcp): ApiObject[] {
    return makeIstioTcp(this.objects, this.gateway, route);
  }

  /**
   * Adds the host to the Gateway of its certificate. With a Gateway for each host, browsers would get 404, because they use one
   * HTTP/2 connection for all hosts of a certificate.
   *
   * @see https://istio.io/latest/docs/reference/config/analysis/ist0138/
   */
  private openAt(host: RoutedHost): ApiObject {
    const id = gatewayId(host);
    const hosts = this.gateways.add(id, host);
    if (!hosts) {
      return this.objects.made(`gateway-${id}`, 'Gateway');
    }
    const { bindAddress } = this.gateway.toIngressGatewayConfig();
    return this.objects.make({
      scope: `gateway-${id}`,
      apiVersion: ISTIO_API_VERSION,
      kind: 'Gateway',
      name: this.objects.sharedName(id),
      spec: { selector: this.gateway.selector, servers: Lazy.any({ produce: () => servers(hosts, bindAddress) }) },
    });
  }
}

/** All hosts of a Gateway share its certificate, pass TLS through, or have no TLS. */
function servers(hosts: RoutedHost[], bindAddress: string | undefined): object[] {
  const { passthrough, secretName, clientCaSecretName } = hosts[0].tls;
  const hasTls = passthrough || secretName !== undefined;
  const overHttp = hosts.filter(({ tls }) => !hasTls || tls.httpsRedirect);
  const bind = bindAddress === undefined ? {} : { bind: bindAddress };
  const server = (port: { number: number; name: string; protocol: string }, served: RoutedHost[], tls?: object) => ({
    port, ...bind, hosts: widest(served), ...(tls && { tls }),
  });
  const http = server({ number: HTTP_PORT, name: 'http', protocol: 'HTTP' }, overHttp);
  const https = passthrough
    ? server({ number: HTTPS_PORT, name: 'tls', protocol: 'TLS' }, hosts, { mode: 'PASSTHROUGH' })
    : server({ number: HTTPS_PORT, name: 'https', protocol: 'HTTPS' }, hosts, {
      credentialName: secretName,
      // istiod reads only an authority from a name with this ending, and looks for the Secret without it too
      ...(clientCaSecretName === undefined ? { mode: 'SIMPLE' } : { mode: 'MUTUAL', caCertCredentialName: `${clientCaSecretName}${AUTHORITY_ENDING}` }),
    });
  return [...(overHttp.length > 0 ? [http] : []), ...(hasTls ? [https] : [])];
}

/**
 * Names of the hosts, without those that another one covers. istiod gives a host that a server names all routes of that server's
 * wildcards too, and those for a path come before the host's own. The wildcard's server answers for it anyway.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/gateway.go
 */
function widest(hosts: RoutedHost[]): string[] {
  const names = hosts.map(({ name }) => name);
  return names.filter(name => !names.some(other => other !== name && covers(other, name)));
}

/** Istio replaces what has matched. So `/api` and `/api/` need a route each if they are rewritten: otherwise `/api/x` becomes `//x`. */
function routes(path: RoutedPath, clusterDomain: string, ports: { port?: number }): object[] {
  const exact = trimmed(path.pathPrefix);
  const below = { ...ports, uri: { prefix: `${exact}/` } };
  const matches = exact === '' ? [below] : [{ ...ports, uri: { exact } }, below];
  const to = (match: object[], uri?: string) => ({
    match,
    ...(uri && { rewrite: { uri } }),
    route: [{ destination: destination(path, clusterDomain) }],
    ...(path.timeout && { timeout: seconds(path.timeout) }),
    ...(path.retries && { retries: retries(path.retries) }),
  });
  if (path.rewritePrefix === undefined) {
    return [to(matches)];
  }
  const rewritten = trimmed(path.rewritePrefix);
  return matches.map(match => to([match], match === below ? `${rewritten}/` : rewritten || '/'));
}

function retries({ attempts, perTryTimeout, retryOn }: RetryPolicy): object {
  return { attempts, ...(perTryTimeout && { perTryTimeout: seconds(perTryTimeout) }), ...(retryOn && { retryOn: retryOn.join(',') }) };
}

/** Protobuf writes durations in JSON as seconds. */
function seconds(duration: Duration): string {
  return `${duration.toMilliseconds() / 1000}s`;
}
