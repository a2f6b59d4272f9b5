// how a service is opened to the outside
import type { Duration } from 'cdk8s';
import type { EdgeCertificate } from './edge-certificate';

/**
 * When a request is sent again, to another pod if there is one.
 */
export interface RetryPolicy {
  /**
   * Number of retries after the first attempt: 0 to 100. With 0, Istio's own retries are off.
   */
  readonly attempts: number;

  /**
   * How long each attempt may take: 1 ms to 24 hours, at most `timeout`.
   *
   * @default - no limit of its own
   */
  readonly perTryTimeout?: Duration;

  /**
   * Conditions for a retry: Envoy's names, such as `connect-failure`, and HTTP status codes.
   *
   * Istio before 1.23 refuses `reset-before-request` and `http3-post-connect-failure`.
   *
   * @default - Istio's: a failed connection, a refused stream, or the answer 503
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   */
  readonly retryOn?: string[];
}

/**
 * The service that answers.
 */
export interface BackendOptions {
  /**
   * Name of the Kubernetes Service.
   */
  readonly service: string;

  /**
   * Namespace of that Service.
   *
   * @default - the gateway's namespace
   */
  readonly serviceNamespace?: string;

  /**
   * Port of that Service: 1 to 65535. Clients use a port of the edge, not this port.
   */
  readonly port: number;
}

/**
 * TLS between the gateway and a service that speaks HTTPS.
 */
export interface BackendTls {
  /**
   * Name that the service's certificate must have. The gateway also sends it as server name (SNI).
   */
  readonly serverName: string;

  /**
   * Secret with the authority of the service's certificate, in the gateway's namespace.
   *
   * Its key is `ca.crt`. Only with `RouteApi.ISTIO`.
   *
   * @default - the authorities that the gateway's image trusts
   * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
   */
  readonly caSecretName?: string;

  /**
   * ConfigMap with the authority of the service's certificate, in the service's namespace.
   *
   * Its key is `ca.crt`. Only with `RouteApi.GATEWAY_API`.
   *
   * @default - the authorities that the gateway's image trusts
   * @see https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
   */
  readonly caConfigMapName?: string;
}

/**
 * Options for `ExposedHost.addPath()`.
 */
export interface PathOptions extends BackendOptions {
  /**
   * Longest time for a request with all retries and the whole answer: 1 ms to 24 hours.
   *
   * Whole milliseconds. It ends streams and WebSockets too. 0 is an error: omit it for no limit.
   *
   * @default - no limit, as in Istio
   */
  readonly timeout?: Duration;

  /**
   * When a request is sent again. It works with `RouteApi.ISTIO` only.
   *
   * @default - Istio's: two retries, after a failed connection, a refused stream, or the answer 503
   * @see https://istio.io/latest/docs/concepts/traffic-management/#retries
   */
  readonly retries?: RetryPolicy;

  /**
   * Path that replaces the prefix before the service gets the request. `/` removes the prefix.
   *
   * With the prefix `/api` and `/v1` here, the service gets `/v1/cart` for `/api/cart`. Redirects and links in its answers stay as
   * they are.
   *
   * @default - none: the service gets the path of the client
   */
  readonly rewritePrefix?: string;

  /**
   * TLS for a service that speaks HTTPS. The gateway verifies its certificate.
   *
   * It holds for every path that leads to this port of the service; with `RouteApi.GATEWAY_API`, to any port of it.
   *
   * @default - plain HTTP, or the mesh's own TLS if the service has a sidecar
   */
  readonly backendTls?: BackendTls;
}

/**
 * Options for `MeshEdge.expose()`.
 */
export interface ExposeOptions extends PathOptions {
  /**
   * Path that goes to this service: the prefix itself and everything below it. `addPath()` adds more.
   *
   * @default "/"
   */
  readonly pathPrefix?: string;

  /**
   * Name of the TLS Secret, in the gateway's namespace. Not with `certificate`.
   *
   * @default - none: plain HTTP, unless there is a `certificate`
   */
  readonly tlsSecretName?: string;

  /**
   * Certificate that cert-manager issues and renews. Writes a `Certificate` in the gateway's namespace.
   *
   * @default - none: `tlsSecretName` names a Secret that you make yourself
   */
  readonly certificate?: EdgeCertificate;

  /**
   * Secret with the authority of clients: each client must show a certificate of it (mutual TLS).
   *
   * It is in the gateway's namespace, and its key is `ca.crt`. If it is missing, no client can connect. All hosts of one certificate need
   * the same. Only with `tlsSecretName` or `certificate`.
   *
   * @default - none: clients need no certificate
   */
  readonly clientCaSecretName?: string;

  /**
   * Whether HTTP is redirected to HTTPS. With `false`, the host is not opened on port 80.
   *
   * Only with TLS. A route of another object for a more specific path, such as that of ACME's HTTP-01, is not redirected. The redirect leads to port 443: set `false` if clients use another port.
   * On a port where this host is not opened, a wildcard host that covers it answers.
   *
   * @default true
   */
  readonly httpsRedirect?: boolean;
}

/**
 * Options for `MeshEdge.exposeTlsPassthrough()`.
 */
export interface TlsPassthroughOptions extends BackendOptions {
  /**
   * Whether HTTP is redirected to HTTPS. With `false`, the host is not opened on port 80.
   *
   * The redirect leads to port 443: set `false` if clients use another port.
   *
   * @default true
   */
  readonly httpsRedirect?: boolean;
}

/**
 * Options for `MeshEdge.exposeTcp()`.
 */
export interface ExposeTcpOptions extends BackendOptions {
  /**
   * TLS server name (SNI) in lower case: `mqtt.example.com`, or `*.example.com`.
   *
   * Services with different names can share a port. TLS passes through to the service, unless there is a `tlsSecretName`. Clients must send the name, and must begin with TLS: PostgreSQL
   * clients do so with `sslnegotiation=direct` only.
   *
   * @default - none: all connections of the port go to this service
   */
  readonly serverName?: string;

  /**
   * Name of the TLS Secret, in the gateway's namespace. The gateway terminates TLS, and the service gets plain TCP.
   *
   * @default - none: the gateway passes all bytes through
   */
  readonly tlsSecretName?: string;
}
