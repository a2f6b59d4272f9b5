// the props of a whole edge
import type { EdgeFrontProxy } from './edge-front-proxy';
import type { EdgeGateway } from './edge-gateway';
import type { RouteApi } from './route-api';
import type { Monitoring } from '../monitoring/monitoring';
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
   * Front proxy before the gateway, or none.
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
   * Virtual addresses, IPv4 or IPv6. One healthy node at a time holds each of them.
   *
   * @default - none: clients reach the nodes by their own addresses
   */
  readonly virtualAddresses?: VirtualAddress[];

  /**
   * Interface of the nodes' own addresses. Only with virtual addresses.
   *
   * Virtual addresses without a `networkInterface` of their own are on it too.
   *
   * @default - required, unless every node has a `networkInterface`, or the nodes' addresses are unknown and every virtual address has one
   */
  readonly networkInterface?: string;

  /**
   * Whether services see the client's address. The front proxy sends it by PROXY protocol.
   *
   * Without a front proxy, services see it anyway, and `false` is `option-unused`. An existing gateway keeps its
   * `receivesProxyProtocol`: another value here is `proxy-protocol-mismatch`.
   *
   * @default - false; true with a gateway on the edge nodes behind a front proxy; as an existing gateway has it
   */
  readonly preserveClientAddress?: boolean;

  /**
   * Which objects `expose()` writes.
   *
   * @default RouteApi.ISTIO
   */
  readonly routeApi?: RouteApi;

  /**
   * Whether external-dns publishes the virtual addresses.
   *
   * Each `Gateway` that `expose()` writes then names them. external-dns makes a DNS record for each host, with the addresses of its entry. Its sources are `istio-gateway` and
   * `istio-virtualservice`, or those of Gateway API, such as `gateway-httproute`. Only with virtual addresses.
   *
   * @default false
   * @see https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
   */
  readonly externalDns?: boolean;

  /**
   * How Prometheus finds the edge: opens its ports for metrics, and writes alerts.
   *
   * `metrics` of the front proxy or of `vip` replaces what this sets for that part.
   *
   * @default - no metrics
   */
  readonly monitoring?: Monitoring;

  /**
   * Whether to create the chart's namespace, with the Pod Security label that the edge needs.
   *
   * @default false
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly createNamespace?: boolean;

  /**
   * Registry of all images of the edge: `registry.example.com:5000/mirror`.
   *
   * It replaces the registry of every image that the edge writes. Paths, tags and digests stay: those that the edge was tested with, or
   * those that you give. An `imageRegistry` of a part replaces this one for that part. Images that istiod chooses stay istiod's.
   *
   * @default - each image comes from its own registry
   */
  readonly imageRegistry?: string;

  /**
   * Name of the Secret for all images of the edge, if their registry is private.
   *
   * Its type is `kubernetes.io/dockerconfigjson`, its namespace the chart's. An `imagePullSecretName` of a part replaces it for that part.
   *
   * @default - none
   */
  readonly imagePullSecretName?: string;

  /**
   * Labels on every object and pod of the edge, besides the standard ones.
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
   * Options of the virtual IP, such as its image. Only with virtual addresses.
   *
   * @default - the defaults of `KeepalivedVip`
   */
  readonly vip?: KeepalivedVipOptions;
}
