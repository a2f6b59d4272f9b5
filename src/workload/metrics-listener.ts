// the choice of who may read metrics, and where
import type { MetricsEndpoint } from '../engines/metrics-endpoint';
import { canonicalCidr, checkCidr } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkPort } from '../validation/values';

/**
 * A port on the nodes from which Prometheus reads metrics: `GET /metrics`. It is read-only.
 */
export interface MetricsListener {
  /**
   * Networks whose hosts may read, in CIDR form. Connections of all other hosts are closed.
   *
   * Name the network of the pods, such as `10.244.0.0/16`, and that of the nodes: with many network plugins, a packet from
   * a pod to a node has the address of the pod's node. `0.0.0.0/0` and `::/0` let every host read.
   *
   * The port never answers at a virtual address.
   */
  readonly from: string[];

  /**
   * Port on the nodes: 1 to 65535, not one of Istio's.
   *
   * @default - 341 for a front proxy, 9165 for a virtual IP
   */
  readonly port?: number;
}

/** Where the listener answers: at these addresses of the node, except the virtual ones. */
export function planMetrics({ from, port }: MetricsListener, defaultPort: number, addresses: string[], virtualAddresses: string[]): MetricsEndpoint {
  return { addresses, port: port ?? defaultPort, readers: from.map(cidr => cidr.toLowerCase()), refusedAt: virtualAddresses };
}

/** All problems with a listener that each of its values shows. */
export function checkMetrics(metrics: MetricsListener | undefined): Problem[] {
  if (metrics === undefined) {
    return [];
  }
  const malformed = metrics.from.flatMap(cidr => checkCidr('metrics.from', cidr));
  return [
    ...(malformed.length > 0 ? malformed : checkDistinct('cidr-twice', 'metrics.from', metrics.from.map(canonicalCidr))),
    ...(metrics.port === undefined ? [] : checkPort('metrics.port', metrics.port)),
  ];
}
