// the proxies in front of a gateway: Istio's `gatewayTopology`, which a later setting replaces as a whole
import type { Problem } from '../validation/problem';
import { checkInteger, checkThat } from '../validation/values';
import type { Labels } from '../workload/names';

/**
 * What a gateway does with a request's header `X-Forwarded-Client-Cert`.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ForwardClientCertDetails
 */
export enum ForwardClientCertDetails {
  /**
   * The header is removed.
   */
  SANITIZE = 'SANITIZE',

  /**
   * The client's header is passed on if the connection is mutual TLS.
   */
  FORWARD_ONLY = 'FORWARD_ONLY',

  /**
   * The client's certificate is appended to its header if the connection is mutual TLS.
   */
  APPEND_FORWARD = 'APPEND_FORWARD',

  /**
   * The client's certificate replaces the header if the connection is mutual TLS.
   */
  SANITIZE_SET = 'SANITIZE_SET',

  /**
   * The client's header is always passed on.
   *
   * Any client can claim a certificate, unless a trusted proxy sets the header.
   */
  ALWAYS_FORWARD_ONLY = 'ALWAYS_FORWARD_ONLY',
}

/**
 * How far a gateway trusts the HTTP proxies in front of it.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#Topology
 */
export interface GatewayTopology {
  /**
   * Number of HTTP proxies in front of the edge, such as a CDN: 0 to 100.
   *
   * Each of them appends to `X-Forwarded-For`.
   * The gateway takes the client's address from this position of the header, counted from the right. Front proxies of this library do
   * not count: they pass TCP through.
   *
   * @default 0
   */
  readonly numTrustedProxies?: number;

  /**
   * What the gateway does with the header `X-Forwarded-Client-Cert`.
   *
   * @default ForwardClientCertDetails.SANITIZE_SET
   */
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
}

/** The agent merges this annotation into the proxy's configuration. A `gatewayTopology` in it replaces the existing one. */
const PROXY_CONFIG_ANNOTATION = 'proxy.istio.io/config';

/** Options of a gateway's side that faces clients. */
export interface ClientSide {
  readonly receivesProxyProtocol: boolean;
  readonly gatewayTopology?: GatewayTopology;
  readonly edgeProfile?: boolean;
}

/** The part of the proxy's configuration that faces clients; empty with Istio's defaults. */
export function topologyConfig({ receivesProxyProtocol, gatewayTopology: topology = {}, edgeProfile }: ClientSide): object {
  const { numTrustedProxies, forwardClientCertDetails } = topology;
  const gatewayTopology = {
    ...(numTrustedProxies !== undefined && { numTrustedProxies }),
    ...(forwardClientCertDetails !== undefined && { forwardClientCertDetails }),
    // https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/#proxy-protocol
    ...(receivesProxyProtocol && { proxyProtocol: {} }),
  };
  return {
    ...(Object.keys(gatewayTopology).length > 0 && { gatewayTopology }),
    ...(edgeProfile && { connectionSettings: { profile: 'EDGE' } }),
  };
}

/** The same as an annotation; none with Istio's defaults. */
export function topologyAnnotation(side: ClientSide): Labels {
  const config = topologyConfig(side);
  return Object.keys(config).length === 0 ? {} : { [PROXY_CONFIG_ANNOTATION]: JSON.stringify(config) };
}

/** All problems with these options, and with an annotation that would override them. */
export function checkTopology(side: ClientSide, annotations: { [key: string]: string } = {}): Problem[] {
  const { numTrustedProxies } = side.gatewayTopology ?? {};
  const isConfigured = Object.keys(topologyConfig(side)).length > 0;
  return [
    ...(numTrustedProxies === undefined
      ? []
      : checkInteger('trusted-proxies-out-of-range', 'gatewayTopology.numTrustedProxies', numTrustedProxies, 0, 100)),
    ...checkThat(!isConfigured || !(PROXY_CONFIG_ANNOTATION in annotations), {
      code: 'annotation-reserved',
      what: 'this annotation would override gatewayTopology, edgeProfile and PROXY protocol',
      got: PROXY_CONFIG_ANNOTATION,
      fix: 'omit it, and use gatewayTopology: { numTrustedProxies, forwardClientCertDetails } and edgeProfile',
    }),
  ];
}
