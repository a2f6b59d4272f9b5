// what can be chosen of a whole edge
import type { EdgeFrontProxy } from './edge-front-proxy';
import type { EdgeGateway } from './edge-gateway';
import type { RouteApi } from './route-api';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { KeepalivedVipOptions } from '../vip/keepalived-vip-props';
import type { VirtualAddress } from '../vip/virtual-address';

/**
 * Properties for `MeshEdge`.
 */
export interface MeshEdgeProps {
  /**
   * Nodes that clients reach.
   */
  readonly nodes: EdgeNodes;

  /**
   * What stands before the gateway.
   *
   * @default EdgeFrontProxy.envoy()
   */
  readonly frontProxy?: EdgeFrontProxy;

  /**
   * The gateway, and where it runs.
   *
   * @default EdgeGateway.podNetwork()
   */
  readonly gateway?: EdgeGateway;

  /**
   * Virtual addresses, IPv4 or IPv6, that one healthy node holds at a time.
   *
   * @default - none: clients reach the nodes by their own addresses
   */
  readonly virtualAddresses?: VirtualAddress[];

  /**
   * Interface of the nodes' own addresses; it carries the virtual addresses that name no other.
   *
   * @default - required with virtual addresses, unless every node has its own, or as `KeepalivedVip` says
   */
  readonly networkInterface?: string;

  /**
   * Whether services see the client's address: PROXY protocol from the front proxy to the gateway.
   * Without a front proxy the address arrives anyway.
   *
   * @default - false; true with a gateway on the edge nodes behind a front proxy
   */
  readonly preserveClientAddress?: boolean;

  /**
   * Which objects `expose()` writes.
   *
   * @default RouteApi.ISTIO
   */
  readonly routeApi?: RouteApi;

  /**
   * Whether to make the chart's namespace too, labelled for the Pod Security level that the edge needs.
   *
   * @default false
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly createNamespace?: boolean;

  /**
   * Labels on every object and pod of the edge, beside the standard ones.
   *
   * @default - none
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations on every object and pod of the edge.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Options of the virtual IP, such as its image and the interval of its adverts; only with virtual addresses.
   *
   * @default - its defaults
   */
  readonly vip?: KeepalivedVipOptions;
}
