// the options of one more entry of an edge
import type { EdgeGateway } from './edge-gateway';
import type { FrontListener } from '../front/front-proxy-props';
import type { VirtualAddress } from '../vip/virtual-address';

/**
 * Options for `MeshEdge.addEntry()`.
 */
export interface MeshEdgeEntryOptions {
  /**
   * Virtual addresses of the entry. They move between the nodes of the edge, as its own virtual addresses do.
   */
  readonly virtualAddresses: VirtualAddress[];

  /**
   * The gateway that answers at these addresses: on the pod network, or an existing one. No other entry has it.
   *
   * @default - on the pod network; with the options of the edge's own gateway, if that is on the pod network too
   */
  readonly gateway?: EdgeGateway;

  /**
   * Whether services see the client's address. The front proxy sends it by PROXY protocol.
   *
   * An existing gateway keeps its `receivesProxyProtocol`: another value here is `proxy-protocol-mismatch`.
   *
   * @default - as the edge's own gateway has it; as an existing gateway has it
   */
  readonly preserveClientAddress?: boolean;

  /**
   * Ports that clients of these addresses reach. Any other port of the front proxy closes their connections.
   *
   * @default - the ports of the gateway
   */
  readonly listeners?: FrontListener[];
}
