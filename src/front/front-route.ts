// a route of a front proxy by TLS server name
import type { IIngressGateway } from '../gateway/ingress-gateway-config';

/**
 * Options for `addRoute()` of the front proxies.
 */
export interface FrontRouteOptions {
  /**
   * TLS server names: `shop.example.com`, or `*.example.com` for every name below it.
   *
   * The longest match wins.
   */
  readonly serverNames: string[];

  /**
   * Gateway to which such connections go.
   *
   * With nginx, all gateways of a listener must have the same `receivesProxyProtocol`. Envoy and HAProxy can mix them.
   */
  readonly gateway: IIngressGateway;

  /**
   * Port of that gateway's Service: 1 to 65535.
   *
   * @default - the port that the listener has for the default gateway
   */
  readonly gatewayPort?: number;
}
