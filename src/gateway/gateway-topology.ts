// what stands before a gateway: Istio's `gatewayTopology`, which counts as a whole wherever it is said
import type { Problem } from '../validation/problem';
import { checkInteger, checkThat } from '../validation/values';
import type { Labels } from '../workload/names';

/**
 * What a gateway does with the header `X-Forwarded-Client-Cert` of a request.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ForwardClientCertDetails
 */
export enum ForwardClientCertDetails {
  /**
   * The header is removed.
   */
  SANITIZE = 'SANITIZE',

  /**
   * The client's header is passed on where its connection is mutual TLS.
   */
  FORWARD_ONLY = 'FORWARD_ONLY',

  /**
   * The client's certificate is appended to its header where its connection is mutual TLS.
   */
  APPEND_FORWARD = 'APPEND_FORWARD',

  /**
   * The header is replaced by the client's certificate where its connection is mutual TLS.
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
 * How far a gateway trusts the HTTP proxies before it.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#Topology
 */
export interface GatewayTopology {
  /**
   * Number of HTTP proxies before the edge that append to `X-Forwarded-For`, such as a CDN: 0 to 100.
   *
   * The client's address is taken from there, so many places from the right. Front proxies of this library do not count: they pass TCP through.
   *
   * @default 0
   */
  readonly numTrustedProxies?: number;

  /**
   * What becomes of the header `X-Forwarded-Client-Cert`.
   *
   * @default ForwardClientCertDetails.SANITIZE_SET
   */
  readonly forwardClientCertDetails?: ForwardClientCertDetails;
}

/** Annotation that the agent merges over the proxy's configuration: a `gatewayTopology` in it replaces the one that is there. */
const PROXY_CONFIG_ANNOTATION = 'proxy.istio.io/config';

/** What can be chosen of a gateway's side to its clients. */
export interface ClientSide {
  readonly receivesProxyProtocol: boolean;
  readonly gatewayTopology?: GatewayTopology;
  readonly edgeProfile?: boolean;
}

/** What the proxy's configuration says of the clients' side; nothing where Istio's defaults do. */
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

/** The annotation that says it, where there is something to say. */
export function topologyAnnotation(side: ClientSide): Labels {
  const config = topologyConfig(side);
  return Object.keys(config).length === 0 ? {} : { [PROXY_CONFIG_ANNOTATION]: JSON.stringify(config) };
}

/** All problems with the clients' side, and with an annotation that would replace it. */
export function checkTopology(side: ClientSide, annotations: { [key: string]: string } = {}): Problem[] {
  const { numTrustedProxies } = side.gatewayTopology ?? {};
  const isSaid = Object.keys(topologyConfig(side)).length > 0;
  return [
    ...(numTrustedProxies === undefined ? [] : checkInteger('trusted-proxies-out-of-range', 'gatewayTopology.numTrustedProxies', numTrustedProxies, 0, 100)),
    ...checkThat(!isSaid || !(PROXY_CONFIG_ANNOTATION in annotations), {
      code: 'annotation-reserved',
      what: 'annotations contain one that would replace the gateway\'s topology, PROXY protocol included',
      got: PROXY_CONFIG_ANNOTATION,
      fix: 'say it with gatewayTopology: { numTrustedProxies, forwardClientCertDetails }, or edgeProfile',
    }),
  ];
}
