// how a service is opened to the outside
import type { Duration } from 'cdk8s';

/**
 * When a request is sent again, to another pod if there is one.
 */
export interface RetryPolicy {
  /**
   * How often a request is sent again, beside the first time: 0 to 100. 0 switches Istio's own retries off.
   */
  readonly attempts: number;

  /**
   * How long each attempt may take: 1 ms to 24 hours, at most `timeout`.
   *
   * @default - as long as `timeout` leaves
   */
  readonly perTryTimeout?: Duration;

  /**
   * What is worth another attempt: names of Envoy's, such as `connect-failure`, and HTTP status codes.
   *
   * Istio before 1.23 refuses `reset-before-request` and `http3-post-connect-failure`.
   *
   * @default - Istio's: connections that fail, streams that are refused, and 503
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   */
  readonly retryOn?: string[];
}

/**
 * Options for `ExposedHost.addPath()`.
 */
export interface PathOptions {
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
   * Port of that Service: 1 to 65535.
   *
   * It says nothing of the port that clients use: that is 80 or 443, with `tlsPassthrough` 443.
   */
  readonly port: number;

  /**
   * How long a request may take, attempts and answer included: 1 ms to 24 hours, whole milliseconds.
   *
   * Streams and WebSockets end with it too. There is no 0: leave it out for no limit.
   *
   * @default - no limit, as is Istio's
   */
  readonly timeout?: Duration;

  /**
   * When a request is sent again; only with `RouteApi.ISTIO`.
   *
   * @default - Istio's: two more attempts when a connection fails, a stream is refused, or the answer is 503
   * @see https://istio.io/latest/docs/concepts/traffic-management/#retries
   */
  readonly retries?: RetryPolicy;
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
   * Name of the TLS Secret, in the gateway's namespace.
   *
   * @default - plain HTTP, or `tlsPassthrough`
   */
  readonly tlsSecretName?: string;

  /**
   * Whether TLS goes through to the service, chosen by the name that clients say (SNI). The service has the certificate.
   *
   * Such a host is one service: paths, timeouts and retries are inside of what the gateway cannot read.
   *
   * @default false
   */
  readonly tlsPassthrough?: boolean;

  /**
   * Whether HTTP is redirected to HTTPS. With `false`, the host is not opened on port 80.
   *
   * The redirect leads to port 443: clients that use another one need `false`.
   * A wildcard host that covers this one answers for it on a port that it does not have.
   * Only with TLS.
   *
   * @default true
   */
  readonly httpsRedirect?: boolean;
}
