// the choice of the API for expose(), with its options
import { isOlderThan } from '../gateway/istio-options';
import type { Problem } from '../validation/problem';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkDnsLabel, checkThat } from '../validation/values';

/**
 * Version of `TLSRoute`. Each version of Istio reads one of them and ignores the other.
 */
export enum TlsRouteVersion {
  /**
   * For Istio 1.30 and newer, with the CRDs of Gateway API 1.5 and newer.
   */
  V1 = 'v1',

  /**
   * For Istio below 1.30, with the experimental CRDs of Gateway API 1.4.
   *
   * @see https://github.com/istio/istio/issues/59949
   */
  V1ALPHA2 = 'v1alpha2',
}

/**
 * Version of `TCPRoute`. Each version of Istio reads one of them.
 */
export enum TcpRouteVersion {
  /**
   * For Istio 1.31 and newer, with the CRDs of Gateway API 1.6 and newer.
   */
  V1 = 'v1',

  /**
   * For Istio below 1.31, with the experimental CRDs of Gateway API 1.5 or older.
   *
   * istiod needs `PILOT_ENABLE_ALPHA_GATEWAY_API=true`.
   */
  V1ALPHA2 = 'v1alpha2',
}

/**
 * Options for `RouteApi.gatewayApi()`.
 */
export interface GatewayApiOptions {
  /**
   * Version of the `TLSRoute` that `exposeTlsPassthrough()` writes. Istio below 1.30 needs `V1ALPHA2`.
   *
   * @default TlsRouteVersion.V1
   */
  readonly tlsRouteVersion?: TlsRouteVersion;

  /**
   * Version of the `TCPRoute` that `exposeTcp()` writes. Istio below 1.31 needs `V1ALPHA2`.
   *
   * @default TcpRouteVersion.V1
   */
  readonly tcpRouteVersion?: TcpRouteVersion;

  /**
   * Revision of the control plane that reads the routes.
   *
   * @default - the revision of the edge's own gateway; for an existing gateway, istiod's default revision
   */
  readonly revision?: string;
}

/**
 * Which objects `expose()` and `exposeTcp()` write.
 */
export class RouteApi {
  /**
   * Istio's `Gateway` and `VirtualService`.
   */
  public static readonly ISTIO = new RouteApi();

  /**
   * Gateway API's `Gateway`, `HTTPRoute`, `TLSRoute` v1 and `ReferenceGrant`, for Istio 1.30 and newer.
   *
   * The CRDs of Gateway API must be installed: the standard channel, 1.5 or newer. `exposeTcp()` writes `TCPRoute` v1 too, which needs
   * Istio 1.31 and Gateway API 1.6.
   *
   * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#manual-deployment
   */
  public static readonly GATEWAY_API = new RouteApi(TlsRouteVersion.V1, TcpRouteVersion.V1);

  /**
   * Gateway API with options. Without options it is the same as `GATEWAY_API`.
   *
   * @param options Versions of `TLSRoute` and `TCPRoute`, and revision.
   * @throws value-unknown, name-invalid
   */
  public static gatewayApi(options: GatewayApiOptions = {}): RouteApi {
    validateCall('RouteApi.gatewayApi', { options });
    const { tlsRouteVersion = TlsRouteVersion.V1, tcpRouteVersion = TcpRouteVersion.V1, revision } = options;
    throwIfAny(revision === undefined ? [] : checkDnsLabel('revision', revision), 'RouteApi.gatewayApi()');
    return new RouteApi(tlsRouteVersion, tcpRouteVersion, revision);
  }

  /**
   * Set for Gateway API only.
   *
   * @internal
   */
  public readonly _tlsRouteVersion?: TlsRouteVersion;

  /**
   * Set for Gateway API only.
   *
   * @internal
   */
  public readonly _tcpRouteVersion?: TcpRouteVersion;

  /** @internal */
  public readonly _revision?: string;

  private constructor(tlsRouteVersion?: TlsRouteVersion, tcpRouteVersion?: TcpRouteVersion, revision?: string) {
    this._tlsRouteVersion = tlsRouteVersion;
    this._tcpRouteVersion = tcpRouteVersion;
    this._revision = revision;
  }

  /** @internal */
  public get _isGatewayApi(): boolean {
    return this._tlsRouteVersion !== undefined;
  }
}

/** An Istio that ignores this version of `TLSRoute` does not serve the host. Without a version of Istio there is no check. */
export function checkTlsRouteVersion({ _tlsRouteVersion: version }: RouteApi, istioVersion: string | undefined, caller: string): Problem[] {
  const isOld = istioVersion !== undefined && isOlderThan(istioVersion, 30);
  const isRead = version === undefined || istioVersion === undefined || isOld === (version === TlsRouteVersion.V1ALPHA2);
  return checkThat(isRead, {
    code: 'tls-route-version-unread',
    what: `${caller} needs a TLSRoute of a version that Istio ${istioVersion} reads`,
    got: version,
    fix: isOld ? 'give routeApi: RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 })' : 'give routeApi: RouteApi.GATEWAY_API',
  });
}

/** An Istio that does not read this version of `TCPRoute` does not open the port. Without a version of Istio there is no check. */
export function checkTcpRouteVersion({ _tcpRouteVersion: version }: RouteApi, istioVersion: string | undefined): Problem[] {
  const isOld = istioVersion !== undefined && isOlderThan(istioVersion, 31);
  const isRead = version === undefined || istioVersion === undefined || isOld === (version === TcpRouteVersion.V1ALPHA2);
  return checkThat(isRead, {
    code: 'tcp-route-version-unread',
    what: `exposeTcp() needs a TCPRoute of a version that Istio ${istioVersion} reads`,
    got: version,
    fix: `give routeApi: RouteApi.gatewayApi({ tcpRouteVersion: TcpRouteVersion.${isOld ? 'V1ALPHA2' : 'V1'} })`,
  });
}
