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
   * Revision of the control plane that reads the routes.
   *
   * @default - the revision of the edge's own gateway; for an existing gateway, istiod's default revision
   */
  readonly revision?: string;
}

/**
 * Which objects `expose()` writes.
 */
export class RouteApi {
  /**
   * Istio's `Gateway` and `VirtualService`.
   */
  public static readonly ISTIO = new RouteApi();

  /**
   * Gateway API's `Gateway`, `HTTPRoute`, `TLSRoute` v1 and `ReferenceGrant`, for Istio 1.30 and newer.
   *
   * The CRDs of Gateway API must be installed: the standard channel, 1.5 or newer.
   *
   * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#manual-deployment
   */
  public static readonly GATEWAY_API = new RouteApi(TlsRouteVersion.V1);

  /**
   * Gateway API with options. Without options it is the same as `GATEWAY_API`.
   *
   * @param options Version of `TLSRoute`, and revision.
   * @throws value-unknown, name-invalid
   */
  public static gatewayApi(options: GatewayApiOptions = {}): RouteApi {
    validateCall('RouteApi.gatewayApi', { options });
    const { tlsRouteVersion = TlsRouteVersion.V1, revision } = options;
    throwIfAny(revision === undefined ? [] : checkDnsLabel('revision', revision));
    return new RouteApi(tlsRouteVersion, revision);
  }

  /**
   * Set for Gateway API only.
   *
   * @internal
   */
  public readonly _tlsRouteVersion?: TlsRouteVersion;

  /** @internal */
  public readonly _revision?: string;

  private constructor(tlsRouteVersion?: TlsRouteVersion, revision?: string) {
    this._tlsRouteVersion = tlsRouteVersion;
    this._revision = revision;
  }

  /** @internal */
  public get _isGatewayApi(): boolean {
    return this._tlsRouteVersion !== undefined;
  }
}

/** An Istio that ignores this version of `TLSRoute` does not serve the host. Without a version of Istio there is no check. */
export function checkTlsRouteVersion({ _tlsRouteVersion: version }: RouteApi, istioVersion: string | undefined): Problem[] {
  const isOld = istioVersion !== undefined && isOlderThan(istioVersion, 30);
  const isRead = version === undefined || istioVersion === undefined || isOld === (version === TlsRouteVersion.V1ALPHA2);
  return checkThat(isRead, {
    code: 'tls-route-version-unread',
    what: `exposeTlsPassthrough() needs a TLSRoute of a version that Istio ${istioVersion} reads`,
    got: version,
    fix: isOld ? 'give routeApi: RouteApi.gatewayApi({ tlsRouteVersion: TlsRouteVersion.V1ALPHA2 })' : 'give routeApi: RouteApi.GATEWAY_API',
  });
}
