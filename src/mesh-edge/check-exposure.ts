// what cannot be opened to the outside, and why
import type { ExposeOptions } from './expose-options';
import { HTTP_PORT, HTTPS_PORT, trimmed } from './routes';
import type { ExposedHost } from './routes';
import type { FrontProxy } from '../front/front-proxy';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { Problem } from '../problem/problem';
import { checkDnsLabel, checkDnsName, checkHost, checkPort, problemUnless } from '../problem/values';

/** A segment of RFC 3986, neither percent-encoded nor a dot: routes compare the decoded, normalized path. An asterisk would be taken for one. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._~!$&'()+,;=:@-]+$/;

/** What a connection passes on its way to a service. */
export interface ExposureWay {
  readonly gateway: IIngressGateway;
  readonly frontProxy?: FrontProxy;
}

/** All problems with one more path of a host; `known` is what the host has so far. */
export function checkExposure(host: string, options: ExposeOptions, way: ExposureWay, known: ExposedHost | undefined): Problem[] {
  return [
    ...checkHost('host', host),
    ...checkDnsLabel('service', options.service),
    ...(options.serviceNamespace === undefined ? [] : checkDnsLabel('serviceNamespace', options.serviceNamespace)),
    ...checkPort('port', options.port),
    ...(options.tlsSecretName === undefined ? [] : checkDnsName('name-invalid', 'tlsSecretName', options.tlsSecretName)),
    ...checkWay(host, options, way),
    ...checkPath(host, options.pathPrefix ?? '/', known),
    ...checkTls(host, options, known),
  ];
}

function checkWay(host: string, { tlsSecretName }: ExposeOptions, { gateway, frontProxy }: ExposureWay): Problem[] {
  const ports = gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
  const wanted = tlsSecretName === undefined ? [HTTP_PORT] : [HTTP_PORT, HTTPS_PORT];
  const fronted = frontProxy?.listeners.map(listener => listener.gatewayPort ?? listener.port);
  return wanted.flatMap(port => [
    ...problemUnless(ports.includes(port), {
      code: 'gateway-port-unknown',
      what: `gateway ${gateway.node.path} has no such port, which ${host} needs`,
      got: port,
      fix: `it has ${ports.join(', ')}: give it a listener with this port`,
    }),
    ...problemUnless(fronted === undefined || fronted.includes(port), {
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
    ...problemUnless(String(pathPrefix).startsWith('/') && root === '' && segments.every(segment => SEGMENT.test(segment)), {
      code: 'path-invalid', what: 'pathPrefix is not a path', got: pathPrefix, fix: 'begin with a slash, no empty or dot segment, no wildcard, no query, not percent-encoded; everything below it matches',
    }),
    ...problemUnless(!known?.paths.some(path => trimmed(path.pathPrefix) === trimmed(pathPrefix)), {
      code: 'route-twice', what: `${host} has this path already`, got: pathPrefix, fix: 'expose each path of a host once',
    }),
  ];
}

function checkTls(host: string, { tlsSecretName }: ExposeOptions, known: ExposedHost | undefined): Problem[] {
  return problemUnless(known === undefined || known.tlsSecretName === tlsSecretName, {
    code: 'tls-conflict',
    what: `${host} is exposed with another tlsSecretName already (${known?.tlsSecretName ?? 'none'})`,
    got: tlsSecretName ?? 'none',
    fix: 'give every path of a host the same',
  });
}
