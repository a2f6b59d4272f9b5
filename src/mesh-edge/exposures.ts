// hosts and paths → Istio Gateway and VirtualService, one pair a host
import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { ExposeOptions } from './expose-options';
import { claimObjectNames, nameOf, standardLabels } from '../edge-host/names';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { mustBeFine } from '../problem/problem';
import type { Problem } from '../problem/problem';
import { checkDnsLabel, checkDnsName, checkHost, checkPort, problemUnless } from '../problem/values';

const API_VERSION = 'networking.istio.io/v1';
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Unreserved characters and sub-delimiters of RFC 3986, without percent-encoding: what a route compares is the decoded path. */
const PATH = /^\/([A-Za-z0-9._~!$&'()*+,;=:@-]+\/?)*$/;

interface ExposedPath {
  readonly pathPrefix: string;
  readonly destination: { readonly host: string; readonly port: { readonly number: number } };
}

interface ExposedHost {
  readonly tlsSecretName?: string;
  readonly paths: ExposedPath[];
}

/** What an edge has opened so far. */
export class Exposures {
  private readonly hosts = new Map<string, ExposedHost>();

  constructor(private readonly edge: Construct, private readonly gateway: IIngressGateway) {}

  /** Adds a path of a host; the first one makes the host's objects. */
  public add(host: string, options: ExposeOptions): void {
    const pathPrefix = options.pathPrefix ?? '/';
    const known = this.hosts.get(host);
    mustBeFine([...this.check(host, options), ...checkPath(host, pathPrefix, known), ...checkTls(host, options, known)], this.edge.node.path);
    const { namespace, clusterDomain } = this.gateway.toIngressGatewayConfig();
    const path = {
      pathPrefix,
      destination: { host: `${options.service}.${options.serviceNamespace ?? namespace}.svc.${clusterDomain}`, port: { number: options.port } },
    };
    if (known) {
      known.paths.push(path);
    } else {
      this.open(host, { tlsSecretName: options.tlsSecretName, paths: [path] });
    }
  }

  private check(host: string, options: ExposeOptions): Problem[] {
    const ports = this.gateway.toIngressGatewayConfig().listeners.map(listener => listener.port);
    const wanted = options.tlsSecretName === undefined ? [HTTP_PORT] : [HTTP_PORT, HTTPS_PORT];
    return [
      ...checkHost('host', host),
      ...checkDnsLabel('service', options.service),
      ...(options.serviceNamespace === undefined ? [] : checkDnsLabel('serviceNamespace', options.serviceNamespace)),
      ...checkPort('port', options.port),
      ...(options.tlsSecretName === undefined ? [] : checkDnsName('name-invalid', 'tlsSecretName', options.tlsSecretName)),
      ...wanted.filter(port => !ports.includes(port)).map(port => ({
        code: 'gateway-port-unknown',
        what: `gateway ${this.gateway.node.path} has no such port, which ${host} needs`,
        got: port,
        fix: `it has ${ports.join(', ')}: give it a listener with this port`,
      })),
    ];
  }

  private open(host: string, exposed: ExposedHost): void {
    this.hosts.set(host, exposed);
    const scope = new Construct(this.edge, `expose-${objectNameOf(host)}`);
    const metadata = {
      name: `${nameOf(this.edge)}-${objectNameOf(host)}`,
      namespace: this.gateway.toIngressGatewayConfig().namespace,
      labels: { ...standardLabels(this.edge, 'mesh-edge', 'route') },
    };
    new ApiObject(scope, 'Gateway', {
      apiVersion: API_VERSION, kind: 'Gateway', metadata, spec: { selector: this.gateway.selector, servers: servers(host, exposed.tlsSecretName) },
    });
    new ApiObject(scope, 'VirtualService', {
      apiVersion: API_VERSION,
      kind: 'VirtualService',
      metadata,
      spec: { hosts: [host], gateways: [metadata.name], http: Lazy.any({ produce: () => routes(exposed.paths) }) },
    });
    claimObjectNames(scope);
  }
}

function checkPath(host: string, pathPrefix: string, known: ExposedHost | undefined): Problem[] {
  return [
    ...problemUnless(PATH.test(pathPrefix), {
      code: 'path-invalid', what: 'pathPrefix is not a path', got: pathPrefix, fix: 'begin with a slash, no empty segment, no query, not percent-encoded',
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

function servers(host: string, tlsSecretName: string | undefined): object[] {
  const http = { number: HTTP_PORT, name: 'http', protocol: 'HTTP' };
  const https = { number: HTTPS_PORT, name: 'https', protocol: 'HTTPS' };
  return tlsSecretName === undefined ? [{ port: http, hosts: [host] }] : [
    { port: http, hosts: [host], tls: { httpsRedirect: true } },
    { port: https, hosts: [host], tls: { mode: 'SIMPLE', credentialName: tlsSecretName } },
  ];
}

/** Istio takes the first route that matches, so the longest prefix comes first. */
function routes(paths: ExposedPath[]): object[] {
  return [...paths]
    .sort((one, other) => trimmed(other.pathPrefix).length - trimmed(one.pathPrefix).length || (one.pathPrefix < other.pathPrefix ? -1 : 1))
    .map(({ pathPrefix, destination }) => ({ match: match(trimmed(pathPrefix)), route: [{ destination }] }));
}

/** Istio's prefix compares bytes: `/api` alone would match `/apiary` too. */
function match(path: string): object[] {
  return path === '' ? [{ uri: { prefix: '/' } }] : [{ uri: { exact: path } }, { uri: { prefix: `${path}/` } }];
}

function trimmed(pathPrefix: string): string {
  return pathPrefix.replace(/\/$/, '');
}

/**
 * One DNS label for each host, never the same for two: dots become dashes and dashes are doubled; three in a row,
 * which no host gives, mark a wildcard.
 */
function objectNameOf(host: string): string {
  return host.replace(/-/g, '--').replace(/^\*\./, 'wildcard---').replace(/\./g, '-');
}
