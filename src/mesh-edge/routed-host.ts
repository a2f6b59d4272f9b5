// a host, its TLS and its paths, before they become objects of one of the two APIs
import type { ApiObject, Duration } from 'cdk8s';
import type { EdgeCertificate } from './edge-certificate';
import type { BackendTls, ExposeOptions, RetryPolicy, TlsPassthroughOptions } from './expose-options';
import type { RoutedTcp } from './routed-tcp';

/** Ports of the gateway's Service on which hosts are opened. */
export const HTTP_PORT = 80;
/** The port of clients that use TLS. */
export const HTTPS_PORT = 443;

/** The service that answers, and how the gateway connects to it. */
export interface Backend {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly backendTls?: BackendTls;
}

/** A path of a host, and the service behind it. */
export interface RoutedPath extends Backend {
  readonly pathPrefix: string;
  readonly timeout?: Duration;
  readonly retries?: RetryPolicy;
  readonly rewritePrefix?: string;
}

/** TLS of a host: the same for all of its paths. */
export interface HostTls {
  readonly secretName?: string;
  readonly passthrough: boolean;
  readonly httpsRedirect: boolean;
  /** How cert-manager fills the Secret. */
  readonly certificate?: EdgeCertificate;
  /** Authority of the clients' certificates. */
  readonly clientCaSecretName?: string;
}

/** Name of a host that stands for every host that no other is for. */
export const EVERY_HOST = '*';

/** A host, with the paths that it has so far. */
export interface RoutedHost {
  readonly name: string;
  readonly tls: HostTls;
  readonly paths: RoutedPath[];
}

/** Writes hosts and TCP services as objects of one API. */
export interface HostRoutes {
  /** Makes the objects of a new host, which has one path. Returns them, with those that it shares with other hosts. */
  openHost(host: RoutedHost): ApiObject[];
  /** Adds a path to the host. Returns the objects that this path needs and the host did not. */
  addPath(host: RoutedHost, path: RoutedPath): ApiObject[];
  /** Makes the objects of a TCP service. It has a Gateway of its own. */
  openTcp(route: RoutedTcp): ApiObject[];
}

/** Hosts with the same id share a Gateway. */
export function gatewayId({ tls }: RoutedHost): string {
  if (tls.passthrough) {
    return 'passthrough';
  }
  return tls.secretName === undefined ? 'http' : `tls-${tls.secretName}`;
}

/** Hosts of each Gateway, by its id. */
export class GatewayHosts {
  private readonly hosts = new Map<string, RoutedHost[]>();

  /** Adds a host. For a Gateway's first host it returns the list of hosts, to which later calls add. */
  public add(id: string, host: RoutedHost): RoutedHost[] | undefined {
    const known = this.hosts.get(id);
    if (known) {
      known.push(host);
      return undefined;
    }
    const hosts = [host];
    this.hosts.set(id, hosts);
    return hosts;
  }

  /** The hosts of each Gateway, by its id. */
  public entries(): [id: string, hosts: RoutedHost[]][] {
    return [...this.hosts];
  }
}

/** The gateway serves TLS with a Secret, or there is no TLS. A certificate without a name for its Secret gets the given one. */
export function tlsOf({ tlsSecretName, certificate, clientCaSecretName, httpsRedirect = true }: ExposeOptions, ownSecretName: string): HostTls {
  const secretName = certificate ? certificate._secretName ?? ownSecretName : tlsSecretName;
  return {
    secretName, passthrough: false, httpsRedirect: secretName !== undefined && httpsRedirect, certificate, clientCaSecretName,
  };
}

/** The service itself serves TLS. */
export function passthroughTlsOf({ httpsRedirect = true }: TlsPassthroughOptions): HostTls {
  return { passthrough: true, httpsRedirect };
}

/** Ports of the gateway that clients of such a host use. */
export function exposedPorts({ secretName, passthrough, httpsRedirect }: HostTls): number[] {
  const hasTls = secretName !== undefined || passthrough;
  return [...(hasTls && !httpsRedirect ? [] : [HTTP_PORT]), ...(hasTls ? [HTTPS_PORT] : [])];
}

/** Whether a host, a wildcard or `*` is for this host or wildcard. */
export function covers(name: string, host: string): boolean {
  return name === host || name === EVERY_HOST || (name.startsWith('*.') && host.endsWith(name.slice(1)));
}

/** `/api/` and `/api` mean the same. */
export function trimmed(pathPrefix: string): string {
  return pathPrefix.replace(/\/$/, '');
}

/** Istio takes the first route that matches. */
export function longestFirst(paths: RoutedPath[]): RoutedPath[] {
  return [...paths]
    .sort((one, other) => trimmed(other.pathPrefix).length - trimmed(one.pathPrefix).length || (one.pathPrefix < other.pathPrefix ? -1 : 1));
}
