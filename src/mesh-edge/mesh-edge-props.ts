// what can be chosen of a whole edge
import type { RouteApi } from './route-api';
import type { FrontProxyOptions } from '../front/front-proxy-props';
import type { HostNetworkIngressGatewayOptions } from '../gateway/host-network-ingress-gateway';
import type { IngressGatewayOptions } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IstioOptions } from '../gateway/istio-options';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { KeepalivedVipOptions } from '../vip/keepalived-vip-props';
import type { VirtualAddress } from '../vip/virtual-address';

/**
 * What stands before the gateway.
 */
export enum FrontProxyKind {
  /**
   * `FrontEnvoy`.
   */
  ENVOY = 'envoy',

  /**
   * `FrontHaproxy`.
   */
  HAPROXY = 'haproxy',

  /**
   * `FrontNginx`.
   */
  NGINX = 'nginx',

  /**
   * Nothing: the gateway itself runs on the host network of the edge nodes.
   */
  NONE = 'none',
}

/**
 * Where the gateway of an edge runs.
 */
export enum GatewayPlacement {
  /**
   * `IngressGateway`: replicas on the pod network, anywhere in the cluster.
   */
  POD_NETWORK = 'pod-network',

  /**
   * `HostNetworkIngressGateway` on the host network of the edge nodes.
   *
   * Behind a front proxy it listens on 127.0.0.1 only: each front proxy sends to the gateway of its own node.
   */
  EDGE_NODES = 'edge-nodes',
}

/**
 * Properties for `MeshEdge`.
 */
export interface MeshEdgeProps {
  /**
   * Nodes that clients reach.
   */
  readonly nodes: EdgeNodes;

  /**
   * The mesh. `version` is required for a gateway on the edge nodes, whose pod is written out in full; one on the pod network gets istiod's without.
   *
   * @default - Istio's defaults
   */
  readonly istio?: IstioOptions;

  /**
   * What stands before the gateway.
   *
   * @default FrontProxyKind.ENVOY
   */
  readonly frontProxy?: FrontProxyKind;

  /**
   * Where the edge's own gateway runs.
   *
   * @default - GatewayPlacement.POD_NETWORK; GatewayPlacement.EDGE_NODES with `FrontProxyKind.NONE`
   */
  readonly gatewayPlacement?: GatewayPlacement;

  /**
   * A gateway that exists already, such as one that istiod deploys, behind the front proxy.
   *
   * With `FrontProxyKind.NONE` it is one on the host network of the same nodes, which answers clients itself.
   *
   * @default - one of this edge's own
   */
  readonly gateway?: IIngressGateway;

  /**
   * Virtual addresses, IPv4 or IPv6, that one healthy node holds at a time. For router ids, interfaces and
   * preferred nodes of their own use `virtualAddressList` instead.
   *
   * @default - none: clients reach the nodes by their own addresses
   */
  readonly virtualAddresses?: string[];

  /**
   * Virtual addresses with options.
   *
   * @default - those of `virtualAddresses`
   */
  readonly virtualAddressList?: VirtualAddress[];

  /**
   * Interface of the nodes' own addresses; it carries the virtual addresses that name no other.
   *
   * @default - required with virtual addresses, unless every node has its own, or as `KeepalivedVip` says
   */
  readonly networkInterface?: string;

  /**
   * Whether services see the client's address: PROXY protocol from the front proxy to the gateway.
   * Says nothing with `FrontProxyKind.NONE`, where the address arrives anyway.
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
   * More of the front proxy.
   *
   * @default - its defaults
   */
  readonly frontProxyOptions?: FrontProxyOptions;

  /**
   * More of the gateway on the pod network.
   *
   * @default - its defaults
   */
  readonly gatewayOptions?: IngressGatewayOptions;

  /**
   * More of the gateway on the host network.
   *
   * @default - its defaults
   */
  readonly hostGatewayOptions?: HostNetworkIngressGatewayOptions;

  /**
   * More of the virtual IP.
   *
   * @default - its defaults
   */
  readonly vipOptions?: KeepalivedVipOptions;
}
