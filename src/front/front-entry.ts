// addresses of a front proxy that have a gateway of their own
import type { FrontListener } from './front-proxy-props';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';

/**
 * Options for `addEntry()` of the front proxies.
 */
export interface FrontEntryOptions {
  /**
   * Name of the entry in the configuration: lower-case letters, digits and dashes. Unique in the proxy.
   */
  readonly name: string;

  /**
   * Addresses, IPv4 or IPv6. Clients who connect to one of them reach the entry's gateway.
   *
   * They can move between the nodes, such as those of a `KeepalivedVip`.
   */
  readonly addresses: string[];

  /**
   * Gateway to which such connections go. Its Service is not that of the proxy's own gateway or of another entry.
   *
   * If it has `receivesProxyProtocol`, it gets the client's address by PROXY protocol, whatever the other gateways have.
   */
  readonly gateway: IIngressGateway;

  /**
   * Ports that clients of these addresses reach. Each other port of the proxy closes their connections.
   *
   * `tls` has no effect here, because an entry has no routes by server name.
   *
   * @default - the ports of the gateway
   */
  readonly listeners?: FrontListener[];
}
