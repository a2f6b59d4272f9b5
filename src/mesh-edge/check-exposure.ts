// checks of expose(), exposeTlsPassthrough() and addPath(), and those that exposeTcp() shares with them
import { checkTraffic } from './check-traffic';
import type { BackendOptions, ExposeOptions, PathOptions, TlsPassthroughOptions } from './expose-options';
import { checkTlsRouteVersion, RouteApi } from './route-api';
import { EVERY_HOST, exposedPorts, passthroughTlsOf, trimmed } from './routed-host';
import type { HostTls, RoutedHost } from './routed-host';
import { checkServerSecret } from './secret-names';
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

/** Gateway API's limit for a path. */
const LONGEST_PATH = 1024;

/** What an edge has for its hosts. */
export interface ExposureContext {
  readonly gateway: IIngressGateway;
  readonly frontProxy?: FrontProxy;
  /** Name of the entry in the front proxy. @default - the edge itself */
  readonly frontEntry?: string;
  readonly routeApi: RouteApi;
  /** Opens a port of the gateway; undefined if the gateway is not the edge's own. */
  readonly openGatewayPort?: (port: number) => void;
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
export function checkExposure(host: string, options: ExposeOptions, tls: HostTls, context: ExposureContext, isKnown: boolean): Problem[] {
  const { pathPrefix = '/' } = options;
  return [
    ...checkNewHost(host, tls, context, isKnown),
    ...checkTls(host, options, context),
    ...checkPath(pathPrefix, options, context.routeApi),
  ];
}

function checkTls(host: string, options: ExposeOptions, context: ExposureContext): Problem[] {
  const { tlsSecretName, certificate, clientCaSecretName, httpsRedirect } = options;
  const hasTls = tlsSecretName !== undefined || certificate !== undefined;
  return [
    ...(tlsSecretName === undefined ? [] : checkTlsSecret(tlsSecretName, context)),
    ...(clientCaSecretName === undefined ? [] : checkSecret('clientCaSecretName', clientCaSecretName, context, checkName)),
    ...checkThat(tlsSecretName === undefined || certificate === undefined, {
      code: 'certificate-and-secret',
      what: 'tlsSecretName and certificate exclude each other',
      got: tlsSecretName,
      fix: 'omit tlsSecretName, and give the name as secretName of the certificate',
    }),
    ...[['httpsRedirect', httpsRedirect] as const, ['clientCaSecretName', clientCaSecretName] as const].flatMap(([option, got]) =>
      checkThat(got === undefined || hasTls, {
        code: 'option-unused', what: `${option} has no effect, because ${host} has no TLS`, got, fix: 'omit it, or give tlsSecretName or certificate',
      })),
  ];
}

/** All problems with a host whose TLS passes through the gateway. */
export function checkPassthrough(host: string, options: TlsPassthroughOptions, context: ExposureContext, isKnown: boolean): Problem[] {
  return [
    ...checkNewHost(host, passthroughTlsOf(options), context, isKnown),
    ...checkTlsRouteVersion(context.routeApi, context.istio.version, 'exposeTlsPassthrough()'),
    ...checkBackend(options),
  ];
}

/** All problems with one more path of a host. */
export function checkAddedPath({ name, paths }: RoutedHost, pathPrefix: string, options: PathOptions, routeApi: RouteApi): Problem[] {
  return [
    ...checkThat(!paths.some(path => trimmed(path.pathPrefix) === trimmed(pathPrefix)), {
      code: 'route-twice', what: `${name} has this path already`, got: pathPrefix, fix: 'add each path of a host once',
    }),
    ...checkPath(pathPrefix, options, routeApi),
  ];
}

function checkNewHost(host: string, tls: HostTls, context: ExposureContext, isKnown: boolean): Problem[] {
  return [
    ...(host === EVERY_HOST && !tls.passthrough ? [] : checkFullHost(host)),
    ...checkThat(host !== EVERY_HOST || tls.certificate === undefined, {
      code: 'host-wildcard-invalid',
      what: 'no certificate can be issued for every host',
      got: host,
      fix: 'give tlsSecretName, of a Secret with your certificate',
    }),
    ...checkThat(!isKnown, {
      code: 'host-twice',
      what: `${host} is exposed already`,
      fix: 'call expose() once for each host, and add paths with addPath() on its result',
    }),
    ...checkPorts(host, tls, context),
  ];
}

/** All problems with the service that answers. */
export function checkBackend({ service, serviceNamespace, port }: BackendOptions): Problem[] {
  return [
    ...checkDnsLabel('service', service),
    ...(serviceNamespace === undefined ? [] : checkDnsLabel('serviceNamespace', serviceNamespace)),
    ...checkPort('port', port),
  ];
}

/** If istiod's webhook refuses one host, no host of the same Gateway can change any more. */
export function checkFullHost(host: string, what: string = 'host'): Problem[] {
  const problems = checkHost(what, host);
  return problems.length > 0 ? problems : checkThat(/\.(?!\d+$)[^.]+$/.test(host), {
    code: 'host-invalid',
    what: `istiod refuses a ${what} that is a short name or ends in a number`,
    got: host,
    fix: 'give the full name, such as shop.example.com',
  });
}

/** All problems with the name of the Secret from which the gateway serves TLS. */
export function checkTlsSecret(name: string, context: ExposureContext): Problem[] {
  return checkSecret('tlsSecretName', name, context, checkServerSecret);
}

function checkName(what: string, name: string): Problem[] {
  return checkDnsName('name-invalid', what, name);
}

/** Istio reads Secrets of the gateway's namespace only. */
function checkSecret(what: string, name: string, { gateway }: ExposureContext, check: typeof checkName): Problem[] {
  const { namespace } = gateway.toIngressGatewayConfig();
  return name.includes('/') ? [{
    code: 'tls-secret-namespace',
    what: `${what} contains a namespace`,
    got: name,
    fix: `give the name alone, and create the Secret in ${namespace}: a gateway reads Secrets of its own namespace only`,
  }] : check(what, name);
}

function checkPorts(host: string, tls: HostTls, { gateway, frontProxy, frontEntry }: ExposureContext): Problem[] {
  const ports = gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
  const reachable = frontProxy?._listenersOf(frontEntry).map(listener => listener.gatewayPort ?? listener.port);
  return exposedPorts(tls).flatMap(port => [
    ...checkThat(ports.includes(port), {
      code: 'gateway-port-unknown',
      what: `gateway ${gateway.node.path} has no listener with the port that ${host} needs`,
      got: port,
      fix: `add a listener with this port to the gateway, which has ${ports.join(', ')}`,
    }),
    ...checkThat(reachable === undefined || reachable.includes(port), {
      code: 'gateway-port-unreachable',
      what: `no listener of ${frontEntry === undefined ? '' : `entry ${frontEntry} of `}${frontProxy?.node.path} forwards to the gateway port that ${host} needs`,
      got: port,
      fix: `give the ${frontEntry === undefined ? 'front proxy' : 'entry'} a listener with this gatewayPort`,
    }),
  ]);
}

function checkPath(pathPrefix: string, options: PathOptions, routeApi: RouteApi): Problem[] {
  return [
    ...checkPrefix('pathPrefix', pathPrefix),
    ...checkBackend(options),
    ...checkTraffic(options.timeout, options.retries, routeApi),
    ...checkRewrite(pathPrefix, options.rewritePrefix, routeApi),
  ];
}

function checkPrefix(what: string, path: string): Problem[] {
  const [, ...segments] = trimmed(path).split('/');
  return checkThat(path.startsWith('/') && path.length <= LONGEST_PATH && segments.every(segment => SEGMENT.test(segment)), {
    code: 'path-invalid',
    what: `${what} is not a path`,
    got: path,
    fix: `expected a path of at most ${LONGEST_PATH} characters such as /api, without wildcard, query, percent-encoding, or empty or dot segments; `
      + 'it stands for all paths below it too',
  });
}

function checkRewrite(pathPrefix: string, rewritePrefix: string | undefined, routeApi: RouteApi): Problem[] {
  if (rewritePrefix === undefined) {
    return [];
  }
  return [
    ...checkPrefix('rewritePrefix', rewritePrefix),
    ...checkThat(trimmed(rewritePrefix) !== trimmed(pathPrefix), {
      code: 'option-unused', what: 'rewritePrefix is the same as pathPrefix', got: rewritePrefix, fix: 'omit it',
    }),
    // istiod would send /v1cart for /cart. @see createRewriteFilter() in istio's pilot/pkg/config/kube/gateway/conversion.go
    ...checkThat(!routeApi._isGatewayApi || trimmed(pathPrefix) !== '' || trimmed(rewritePrefix) === '', {
      code: 'option-unsupported',
      what: 'with Gateway API, Istio cannot put rewritePrefix before all paths of a host',
      got: rewritePrefix,
      fix: 'use RouteApi.ISTIO, or give a pathPrefix other than /',
    }),
  ];
}
