// the props of a virtual IP
import type { Duration } from 'cdk8s';
import type { Handover } from './handover';
import type { VirtualAddress } from './virtual-address';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { MetricsListener } from '../workload/metrics-listener';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * Options of a virtual IP, without its nodes and addresses.
 */
export interface KeepalivedVipOptions extends EdgeWorkloadOptions {
  /**
   * Interval of the adverts of the holder (MASTER): 10 ms to 40.95 s, in steps of 10 ms.
   *
   * Failover takes just over three intervals. A short interval costs little CPU time.
   *
   * @default Duration.millis(200)
   * @see https://www.rfc-editor.org/rfc/rfc9568#section-6.1
   */
  readonly advertInterval?: Duration;

  /**
   * Whether each healthy node gets its share of several addresses. Turns preemption on.
   *
   * An address with a `preferredNode` has its place already. If every address has one, `spread` is an error.
   *
   * @default false
   */
  readonly spread?: boolean;

  /**
   * How long a node must be healthy before it takes an address back: 0 to 1000 s, whole seconds.
   *
   * Turns preemption on: the node with the highest priority takes an address back after a failure. The address then moves a
   * second time. With `Handover.PLAIN`, its connections break again.
   *
   * @default - no preemption; with `spread` or a preferred node: preemption after 30 seconds
   * @see https://www.rfc-editor.org/rfc/rfc9568#section-6.1
   */
  readonly preemptDelay?: Duration;

  /**
   * Interval of the health checks of tracked listeners: 100 ms to 10 s, in steps of 10 ms.
   *
   * @default Duration.millis(200)
   */
  readonly checkInterval?: Duration;

  /**
   * Longest wait for an answer to a health check: `checkInterval` to 10 s, in steps of 10 ms.
   *
   * After one timeout the node gives up its addresses. If all CPUs of a node are busy, the check itself is late by some
   * tenths of a second. With a timeout that is too short, all healthy nodes can then give up their addresses at once.
   *
   * @default - 1 s, or `checkInterval` if that is longer
   */
  readonly checkTimeout?: Duration;

  /**
   * Refusals or wrong answers in a row after which the node gives up its addresses: 1 to 10.
   *
   * @default 2
   */
  readonly checkFall?: number;

  /**
   * Passed checks in a row after which the node may hold addresses again: 1 to 10.
   *
   * @default 2
   */
  readonly checkRise?: number;

  /**
   * What happens to open connections when an address moves.
   *
   * `Handover.SEAMLESS` keeps them open. It adds a container to keepalived's pod, and nftables rules, a routing rule and an address
   * on `lo` to each node.
   *
   * @default - `Handover.SEAMLESS` for at most eight nodes that are listed with an address of each family that moves, if the
   * virtual addresses are on the interface of those addresses; otherwise `Handover.PLAIN`
   */
  readonly handover?: Handover;

  /**
   * Port from which Prometheus reads the state of keepalived and of its checks.
   *
   * It answers at every address of the node, except virtual ones. A second container in keepalived's pod does this with nginx. With
   * a port of 1024 or above it has no capability.
   *
   * @default - no metrics
   */
  readonly metrics?: MetricsListener;

  /**
   * Image of the container for `metrics`: it needs nginx, `/bin/sh` and perl. Only with `metrics`.
   *
   * @default - the default image of `FrontNginx`, pinned by tag
   */
  readonly metricsImage?: string;

  /**
   * Lines of your own in keepalived's configuration, by the place where they go. They are written as they are, without quotes.
   *
   * The places are `global_defs`, `vrrp_instance` (in each instance), and `sections` for whole blocks.
   *
   * They are in the checksum, so the pods roll when they change. Only keepalived itself can judge them: keepalived does not start with a
   * line that it refuses, and the rollout stops. Never put text of others into them.
   *
   * @default - none
   */
  readonly configurationSnippets?: { [place: string]: string };
}

/**
 * Properties for `KeepalivedVip`.
 */
export interface KeepalivedVipProps extends KeepalivedVipOptions {
  /**
   * Nodes between which the addresses move; at least two.
   *
   * If their addresses are known, adverts are unicast and each node has a priority. Otherwise adverts are multicast with
   * equal priorities, and the network must forward 224.0.0.18 or ff02::12.
   */
  readonly nodes: EdgeNodes;

  /**
   * Addresses that move: all IPv4, or all IPv6. `ipv6Address` of an IPv4 address moves with it.
   */
  readonly virtualAddresses: VirtualAddress[];

  /**
   * Interface that has the nodes' own addresses. Adverts go over it.
   *
   * Virtual addresses without a `networkInterface` of their own are on it too.
   *
   * @default - required, unless every node has a `networkInterface`, or the nodes' addresses are unknown and every
   * virtual address has one
   */
  readonly networkInterface?: string;
}
