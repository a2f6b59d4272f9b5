// checks of expose() and addPath()
import { checkTraffic } from './check-traffic';
import type { ExposeOptions, PathOptions } from './expose-options';
import { checkTlsRouteVersion, RouteApi } from './route-api';
import { exposedPorts, tlsOf, trimmed } from './routed-host';
import type { RoutedHost } from './routed-host';
import type { FrontProxy } from '../front/front-proxy';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IstioOptions } from '../gateway/istio-options';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkHost, checkPort, checkThat } from '../validation/values';

/**
 * A path segment of RFC 3986. Routes compare the decoded, normalized path, so percent-encoding and dot segments never match.
 * An asterisk is not allowed either, because it looks like a wildcard.
 */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~!$&'()+,;=:@-]+$/;

/** What an edge has for its hosts. */
export interface ExposureContext {
  readonly gateway: IIngressGateway;
  readonly frontProxy?: FrontProxy;
  readonly routeApi: RouteApi;
  /** Version and revision of the mesh, as far as the edge knows them. */
  readonly istio: IstioOptions;
}

/** A problem if this API cannot configure this gateway. */
export function checkRouteApi(gateway: IIngressGateway, routeApi: RouteApi = RouteApi.ISTIO): Problem[] {
  const { bindAddress } = gateway.toIngressGatewayConfig();
  return checkThat(!routeApi._isGatewayApi || bindAddress === undefined, {
    code: 'bind-unsupported',
    what: `gateway ${gateway.node.path} listens on one address, and Gateway API has no field for that`,
    got: bindAddress,
    fix: 'use RouteApi.ISTIO',
  });
}

/** All problems with a host and its first path. */
export function checkExposure(host: string, options: ExposeOptions, context: ExposureContext, isKnown: boolean): Problem[] {
  const { pathPrefix = '/', tlsSecretName, tlsPassthrough } = options;
  return [
    ...checkFullHost(host),
    ...checkThat(!isKnown, {
      code: 'host-twice',
      what: `${host} is exposed already`,
      fix: 'call expose() once for each host, and add paths with addPath() on its result',
    }),
    ...(tlsSecretName === undefined ? [] : checkSecret(tlsSecretName, context)),
    ...checkPorts(host, options, context),
    ...checkTls(host, options),
    ...(tlsPassthrough ? checkTlsRouteVersion(context.routeApi, context.istio.version) : []),
    ...checkPath(pathPrefix),
    ...checkService(options, context.routeApi),
    ...(tlsPassthrough ? checkPassthrough(options) : []),
  ];
}

/** All problems with one more path of a host. */
export function checkAddedPath({ host, tls, paths }: RoutedHost, pathPrefix: string, options: PathOptions, routeApi: RouteApi): Problem[] {
  return [
    ...checkThat(!tls.passthrough, {
      code: 'path-unsupported',
      what: `${host} has no paths, because its TLS passes through the gateway`,
      got: pathPrefix,
      fix: 'give tlsSecretName instead of tlsPassthrough',
    }),
    ...checkThat(!paths.some(path => trimmed(path.pathPrefix) === trimmed(pathPrefix)), {
      code: 'route-twice', what: `${host} has this path already`, got: pathPrefix, fix: 'add each path of a host once',
    }),
    ...checkPath(pathPrefix),
    ...checkService(options, routeApi),
  ];
}

function checkService({ service, serviceNamespace, port, timeout, retries }: PathOptions, routeApi: RouteApi): Problem[] {
  return [
    ...checkDnsLabel('service', service),
    ...(serviceNamespace === undefined ? [] : checkDnsLabel('serviceNamespace', serviceNamespace)),
    ...checkPort('port', port),
    ...checkTraffic(timeout, retries, routeApi),
  ];
}

/** If istiod's webhook refuses one host, no host of the same Gateway can change any more. */
function checkFullHost(host: string): Problem[] {
  const problems = checkHost('host', host);
  return problems.length > 0 ? problems : checkThat(/\.(?!\d+$)[^.]+$/.test(host), {
    code: 'host-invalid',
    what: 'istiod refuses a host that is a short name or ends in a number',
    got: host,
    fix: 'give the full name, such as shop.example.com',
  });
}

/** Istio reads Secrets of the gateway's namespace only. */
function checkSecret(name: string, { gateway }: ExposureContext): Problem[] {
  const { namespace } = gateway.toIngressGatewayConfig();
  return name.includes('/') ? [{
    code: 'tls-secret-namespace',
    what: 'tlsSecretName names a namespace',
    got: name,
    fix: `give the name alone, and create the Secret in ${namespace}: a gateway reads Secrets of its own namespace only`,
  }] : checkDnsName('name-invalid', 'tlsSecretName', name);
}

function checkPorts(host: string, options: ExposeOptions, { gateway, frontProxy }: ExposureContext): Problem[] {
  const ports = gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
  const reachable = frontProxy?.listeners.map(listener => listener.gatewayPort ?? listener.port);
  return exposedPorts(tlsOf(options)).flatMap(port => [
    ...checkThat(ports.includes(port), {
      code: 'gateway-port-unknown',
      what: `gateway ${gateway.node.path} has no listener with the port that ${host} needs`,
      got: port,
      fix: `add a listener with this port to the gateway, which has ${ports.join(', ')}`,
    }),
    ...checkThat(reachable === undefined || reachable.includes(port), {
      code: 'gateway-port-unreachable',
      what: `no listener of ${frontProxy?.node.path} leads to the gateway port that ${host} needs`,
      got: port,
      fix: 'give the front proxy a listener with this gatewayPort',
    }),
  ]);
}

function checkPath(pathPrefix: string): Problem[] {
  const [root, ...segments] = trimmed(pathPrefix).split('/');
  return checkThat(pathPrefix.startsWith('/') && root === '' && segments.every(segment => SEGMENT.test(segment)), {
    code: 'path-invalid',
    what: 'pathPrefix is not a path',
    got: pathPrefix,
    fix: 'expected a path such as /api, without wildcard, query, percent-encoding, or empty or dot segments; '
      + 'it matches all paths below it too',
  });
}

function checkTls(host: string, { tlsSecretName, tlsPassthrough, httpsRedirect }: ExposeOptions): Problem[] {
  return [
    ...checkThat(!tlsPassthrough || tlsSecretName === undefined, {
      code: 'tls-conflict',
      what: 'both tlsSecretName and tlsPassthrough are given',
      got: tlsSecretName,
      fix: 'omit one of the two: with tlsPassthrough the service has the certificate',
    }),
    ...checkThat(httpsRedirect === undefined || tlsSecretName !== undefined || tlsPassthrough === true, {
      code: 'option-unused',
      what: `httpsRedirect has no effect, because ${host} has no TLS`,
      got: httpsRedirect,
      fix: 'omit it, or give tlsSecretName',
    }),
  ];
}

/** With passthrough the gateway sees no requests, so options of requests cannot work. */
function checkPassthrough({ pathPrefix, timeout, retries }: ExposeOptions): Problem[] {
  const given = Object.entries({ pathPrefix, timeout, retries }).filter(([, value]) => value !== undefined);
  return given.map(([option]) => ({
    code: 'option-unused',
    what: `${option} has no effect with tlsPassthrough, because the gateway sees no requests`,
    fix: 'omit it, or give tlsSecretName instead of tlsPassthrough',
  }));
}
