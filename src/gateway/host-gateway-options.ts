// options of both gateways on the host network: the one whose pods we write and the one whose pods istiod writes
import type { Duration } from 'cdk8s';
import type { GatewayListener } from './gateway-listener';
import type { GatewayOptions } from './gateway-options';
import type { EdgeNodes } from '../nodes/edge-nodes';

/**
 * Options of every gateway on the host network.
 */
export interface HostGatewayOptions extends GatewayOptions {
  /**
   * Number of pods of a Deployment, at most one on each node: 1 to 1000.
   *
   * Without it the gateway is a DaemonSet with a pod on every node.
   *
   * @default - DaemonSet
   */
  readonly replicas?: number;

  /**
   * Ports of the gateway. The `targetPort` is the port that the gateway opens on the node.
   *
   * @default - 80 and 443, opened as 80 and 443; with `loopbackOnly` a `targetPort` is 10000 higher, or the next free one in steps of 10000: 10080 and 10443
   */
  readonly listeners?: GatewayListener[];

  /**
   * How long a pod still accepts connections after it is told to stop: 1 to 45 whole seconds.
   *
   * A virtual IP moves in this time. It must be at least the time that the virtual IP's check needs to fail. Istio's proxy reports itself
   * unhealthy as soon as it is told to stop.
   *
   * @default Duration.seconds(5)
   */
  readonly lameDuckPeriod?: Duration;
}

/**
 * Where a gateway on the host network runs, and which clients can reach it.
 */
export interface HostGatewayProps extends HostGatewayOptions {
  /**
   * Nodes on which the gateway runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * Whether the gateway listens on the loopback address only, for front proxies on the same node.
   *
   * The address is 127.0.0.1, or ::1 if all nodes have IPv6 only. No other machine can then send the gateway a PROXY header.
   * `MeshEdge.expose()` binds its `Gateway` resources to this address. Your own need `bind: 127.0.0.1` (or `::1`) in every server.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server
   */
  readonly loopbackOnly?: boolean;

  /**
   * Whether a proxy in front sends PROXY protocol. Connections without a PROXY header then fail.
   *
   * @default - false; true with `loopbackOnly`, where the gateway would otherwise see 127.0.0.1 as every client's address
   */
  readonly receivesProxyProtocol?: boolean;
}
