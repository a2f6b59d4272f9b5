// what a host is exposed as, whichever API says it in the end
import type { Duration } from 'cdk8s';
import type { ExposeOptions, RetryPolicy } from './expose-options';

export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;

/** A path of a host, and the service behind it. */
export interface RoutedPath {
  readonly pathPrefix: string;
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly timeout?: Duration;
  readonly retries?: RetryPolicy;
}

/** What every path of a host has in common. */
export interface HostTls {
  readonly secretName?: string;
  readonly passthrough: boolean;
  readonly httpsRedirect: boolean;
}

/** A host and what it is exposed as so far. */
export interface RoutedHost {
  readonly host: string;
  readonly tls: HostTls;
  readonly paths: RoutedPath[];
}

/** One of the two APIs. */
export interface HostRoutes {
  /** Makes the objects that the host's newest path needs and that are not there yet. Called once for each path. */
  write(exposed: RoutedHost): void;
}

/** Whether the newest path is the host's first. */
export function isNew({ paths }: RoutedHost): boolean {
  return paths.length === 1;
}

/** Hosts with one id share a Gateway. */
export function gatewayId({ tls }: RoutedHost): string {
  if (tls.passthrough) {
    return 'passthrough';
  }
  return tls.secretName === undefined ? 'http' : `tls-${tls.secretName}`;
}

/** Hosts of each Gateway, by its id. */
export class GatewayHosts {
  private readonly hosts = new Map<string, RoutedHost[]>();

  /** Adds a host. Returns the list, which goes on growing, when it is the Gateway's first. */
  public add(id: string, exposed: RoutedHost): RoutedHost[] | undefined {
    const known = this.hosts.get(id);
    if (known) {
      known.push(exposed);
      return undefined;
    }
    const hosts = [exposed];
    this.hosts.set(id, hosts);
    return hosts;
  }

  public entries(): [id: string, hosts: RoutedHost[]][] {
    return [...this.hosts];
  }
}

export function tlsOf({ tlsSecretName, tlsPassthrough = false, httpsRedirect }: ExposeOptions): HostTls {
  const hasTls = tlsSecretName !== undefined || tlsPassthrough;
  return { secretName: tlsSecretName, passthrough: tlsPassthrough, httpsRedirect: hasTls && (httpsRedirect ?? true) };
}

/** Ports of the gateway that clients of such a host use. */
export function exposedPorts({ secretName, passthrough, httpsRedirect }: HostTls): number[] {
  const hasTls = secretName !== undefined || passthrough;
  return [...(hasTls && !httpsRedirect ? [] : [HTTP_PORT]), ...(hasTls ? [HTTPS_PORT] : [])];
}

/** `/api/` and `/api` mean the same. */
export function trimmed(pathPrefix: string): string {
  return pathPrefix.replace(/\/$/, '');
}

/** Istio takes the first route that matches, and people read them in this order. */
export function longestFirst(paths: RoutedPath[]): RoutedPath[] {
  return [...paths]
    .sort((one, other) => trimmed(other.pathPrefix).length - trimmed(one.pathPrefix).length || (one.pathPrefix < other.pathPrefix ? -1 : 1));
}
