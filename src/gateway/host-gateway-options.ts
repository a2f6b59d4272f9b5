// what can be chosen of a gateway on the host network: its pods are ours or istiod's
import type { Duration } from 'cdk8s';
import type { GatewayTopology } from './gateway-topology';
import type { GatewayListener } from './ingress-gateway-config';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { EdgePodOptions } from '../workload/workload-options';

/**
 * What can be chosen of every gateway on the host network.
 */
export interface HostGatewayOptions extends EdgePodOptions {
  /**
   * Run so many pods as a Deployment, at most one on a node.
   *
   * A DaemonSet has one on every node instead.
   *
   * @default - DaemonSet
   */
  readonly replicas?: number;

  /**
   * Ports of the gateway. The `targetPort` is the one that is opened on the node.
   *
   * @default - 80 and 443, opened as 80 and 443; with `loopbackOnly` a `targetPort` is 10000 higher: 10080 and 10443
   */
  readonly listeners?: GatewayListener[];

  /**
   * Whether something in front sends PROXY protocol. Then nothing else reaches the gateway.
   *
   * @default - false; true with `loopbackOnly`, where every client would be 127.0.0.1 otherwise
   */
  readonly receivesProxyProtocol?: boolean;

  /**
   * How far the gateway trusts the HTTP proxies before it.
   *
   * The annotation `proxy.istio.io/config` would replace it, and PROXY protocol with it: beside one of the two it is an error.
   *
   * @default - Istio's: no proxy is trusted
   */
  readonly gatewayTopology?: GatewayTopology;

  /**
   * Whether Istio applies its EDGE profile, for gateways that face the internet.
   *
   * It is what Envoy recommends. Requests must arrive within 5 minutes and their headers within 60 seconds. Idle connections end
   * after an hour. 100 requests go at once over an HTTP/2 connection, and buffers are 32 KiB. A request is refused with 400 where
   * the name of a header has an underscore.
   * Needs Istio 1.31: an older one ignores it.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-ConnectionSettings
   */
  readonly edgeProfile?: boolean;

  /**
   * How long a pod that ends goes on accepting connections at least, so that a virtual IP leaves first.
   *
   * 1 second to 45 seconds, whole seconds; at least what the virtual IP's check needs to notice. Istio's proxy
   * calls itself sick from the moment on at which it is told to end.
   *
   * @default Duration.seconds(5)
   */
  readonly lameDuckPeriod?: Duration;

  /**
   * How long established connections may go on when a pod ends: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;
}

/**
 * Where a gateway on the host network runs, and who reaches it.
 */
export interface HostGatewayProps extends HostGatewayOptions {
  /**
   * Nodes on which the gateway runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * Whether only front proxies on the same nodes reach the gateway, at their loopback address.
   *
   * That is 127.0.0.1, or ::1 where all nodes have IPv6 only. Nothing else can send it a PROXY header. `MeshEdge.expose()` binds its `Gateway` resources there;
   * those that you write need `bind: 127.0.0.1` (or `::1`) in every server.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server
   */
  readonly loopbackOnly?: boolean;
}
