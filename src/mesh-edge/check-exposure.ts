// what cannot be opened to the outside, and why
import { checkTraffic } from './check-traffic';
import type { ExposeOptions } from './expose-options';
import { exposedPorts, tlsOf, trimmed } from './exposed-host';
import type { ExposedHost, HostTls } from './exposed-host';
import { checkTlsRouteVersion } from './route-api';
import type { RouteApi } from './route-api';
import type { FrontProxy } from '../front/front-proxy';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkHost, checkPort, checkThat } from '../validation/values';

/** A segment of RFC 3986, neither percent-encoded nor a dot: routes compare the decoded, normalized path. An asterisk would be taken for one. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~!$&'()+,;=:@-]+$/;

/** What a connection passes on its way to a service. */
export interface ExposureWay {
  readonly gateway: IIngressGateway;
  readonly frontProxy?: FrontProxy;
  readonly routeApi: RouteApi;
  /** @default - not known */
  readonly istioVersion?: string;
}

/** Whether this gateway can be told its routes by this API. */
export function checkRouteApi({ gateway, routeApi }: ExposureWay): Problem[] {
  const { bindAddress } = gateway.toIngressGatewayConfig();
  return checkThat(!routeApi._isGatewayApi || bindAddress === undefined, {
    code: 'bind-unsupported',
    what: `gateway ${gateway.node.path} listens on one address, which Gateway API cannot say`,
    got: bindAddress,
    fix: 'take RouteApi.ISTIO',
  });
}

/** All problems with one more path of a host; `known` is what the host has so far. */
export function checkExposure(host: string, options: ExposeOptions, way: ExposureWay, known: ExposedHost | undefined): Problem[] {
  return [
    ...checkFullHost(host),
    ...checkDnsLabel('service', options.service),
    ...(options.serviceNamespace === undefined ? [] : checkDnsLabel('serviceNamespace', options.serviceNamespace)),
    ...checkPort('port', options.port),
    ...(options.tlsSecretName === undefined ? [] : checkSecret(options.tlsSecretName, way)),
    ...checkWay(host, options, way),
    ...checkTls(host, options, known),
    ...(options.tlsPassthrough ? checkTlsRouteVersion(way.routeApi, way.istioVersion) : []),
    ...checkPath(host, options.pathPrefix ?? '/', known),
    ...checkTraffic(options, way.routeApi),
  ];
}

/** One host that istiod's webhook refuses blocks every change to all hosts that share its Gateway. */
function checkFullHost(host: string): Problem[] {
  const problems = checkHost('host', host);
  return problems.length > 0 ? problems : checkThat(/\.(?!\d+$)[^.]+$/.test(host), {
    code: 'host-invalid', what: 'host is a short name, or ends in a number, which istiod refuses', got: host, fix: 'give the full name, such as shop.example.com',
  });
}

/** Istio reads Secrets of the gateway's namespace only. */
function checkSecret(name: string, { gateway }: ExposureWay): Problem[] {
  const { namespace } = gateway.toIngressGatewayConfig();
  return String(name).includes('/') ? [{
    code: 'tls-secret-namespace',
    what: 'tlsSecretName names a namespace',
    got: name,
    fix: `a gateway reads Secrets of its own namespace only: have the Secret in ${namespace}, and give its bare name`,
  }] : checkDnsName('name-invalid', 'tlsSecretName', name);
}

function checkWay(host: string, options: ExposeOptions, { gateway, frontProxy }: ExposureWay): Problem[] {
  const ports = gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
  const fronted = frontProxy?.listeners.map(listener => listener.gatewayPort ?? listener.port);
  return exposedPorts(tlsOf(options)).flatMap(port => [
    ...checkThat(ports.includes(port), {
      code: 'gateway-port-unknown',
      what: `gateway ${gateway.node.path} has no such port, which ${host} needs`,
      got: port,
      fix: `it has ${ports.join(', ')}: give it a listener with this port`,
    }),
    ...checkThat(fronted === undefined || fronted.includes(port), {
      code: 'gateway-port-unreachable',
      what: `no listener of ${frontProxy?.node.path} leads to this port of the gateway, which ${host} needs`,
      got: port,
      fix: 'give the front proxy a listener with this gatewayPort',
    }),
  ]);
}

function checkPath(host: string, pathPrefix: string, known: ExposedHost | undefined): Problem[] {
  const [root, ...segments] = trimmed(String(pathPrefix)).split('/');
  return [
    ...checkThat(String(pathPrefix).startsWith('/') && root === '' && segments.every(segment => SEGMENT.test(segment)), {
      code: 'path-invalid', what: 'pathPrefix is not a path', got: pathPrefix, fix: 'begin with a slash, no empty or dot segment, no wildcard, no query, not percent-encoded; everything below it matches',
    }),
    ...checkThat(!known?.paths.some(path => trimmed(path.pathPrefix) === trimmed(pathPrefix)), {
      code: 'route-twice', what: `${host} has this path already`, got: pathPrefix, fix: 'expose each path of a host once',
    }),
  ];
}

function checkTls(host: string, options: ExposeOptions, known: ExposedHost | undefined): Problem[] {
  const { tlsSecretName, tlsPassthrough, httpsRedirect } = options;
  const given = describeTls(tlsOf(options));
  return [
    ...checkThat(!tlsPassthrough || tlsSecretName === undefined, {
      code: 'tls-conflict', what: 'both tlsSecretName and tlsPassthrough are given', got: tlsSecretName, fix: 'with tlsPassthrough the service has the certificate: leave one of the two out',
    }),
    ...checkThat(httpsRedirect === undefined || tlsSecretName !== undefined || tlsPassthrough === true, {
      code: 'option-unused', what: `httpsRedirect is given, but ${host} has no TLS`, got: httpsRedirect, fix: 'leave it out, or give tlsSecretName',
    }),
    ...checkThat(known === undefined || describeTls(known.tls) === given, {
      code: 'tls-conflict', what: `${host} is exposed with ${known && describeTls(known.tls)} already`, got: given, fix: 'give every path of a host the same',
    }),
  ];
}

function describeTls({ secretName, passthrough, httpsRedirect }: HostTls): string {
  if (secretName === undefined && !passthrough) {
    return 'no TLS';
  }
  return `${passthrough ? 'tlsPassthrough' : `tlsSecretName ${secretName}`}${httpsRedirect ? '' : ', httpsRedirect false'}`;
}
