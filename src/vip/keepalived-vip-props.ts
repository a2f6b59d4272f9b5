// what can be chosen of a virtual IP
import type { Duration } from 'cdk8s';
import type { VirtualAddress } from './virtual-address';
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * Options of a virtual IP, without its nodes and addresses.
 */
export interface KeepalivedVipOptions extends EdgeWorkloadOptions {
  /**
   * Interval of the master's adverts: 10 ms to 40.95 s, in steps of 10 ms.
   *
   * A crashed node is replaced after three of them and a bit; keepalived sleeps in between, so a short one costs little.
   *
   * @default Duration.millis(200)
   * @see https://www.rfc-editor.org/rfc/rfc5798#section-6.1
   */
  readonly advertInterval?: Duration;

  /**
   * Give each node its share of several addresses while all are healthy. Needs preemption.
   *
   * @default false
   */
  readonly spread?: boolean;

  /**
   * Whether a better node takes an address back once it is healthy again, which costs a second move.
   *
   * @default - true if addresses are spread or one has a preferred node, else false
   */
  readonly preempt?: boolean;

  /**
   * How long a better node must be healthy before it takes an address back.
   *
   * 0 to 1000 seconds, whole seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly preemptDelay?: Duration;

  /**
   * Interval of the health check of what is tracked: 100 ms to 10 s, in steps of 10 ms.
   *
   * @default Duration.millis(200)
   */
  readonly checkInterval?: Duration;

  /**
   * How long an answer may take before the node gives its addresses up.
   *
   * `checkInterval` to 10 s, in steps of 10 ms.
   *
   * On a node whose processors are all taken, the check itself is late by some tenths of a second: too short a timeout makes
   * healthy nodes give their addresses up, all of them at once.
   *
   * @default - 1 s, or `checkInterval` if that is longer
   */
  readonly checkTimeout?: Duration;

  /**
   * Refusals or wrong answers in a row after which the node gives its addresses up: 1 to 10.
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
}

/**
 * Properties for `KeepalivedVip`.
 */
export interface KeepalivedVipProps extends KeepalivedVipOptions {
  /**
   * Nodes between which the addresses move; at least two. With known addresses adverts are unicast and each node has
   * a priority; without, they are multicast with equal priorities, and the network must carry 224.0.0.18 or ff02::12.
   */
  readonly nodes: EdgeNodes;

  /**
   * Addresses that move. One IPv6 address beside one IPv4 address moves along with it.
   */
  readonly virtualAddresses: VirtualAddress[];

  /**
   * Interface of the nodes' own addresses; it carries the virtual addresses that name no other.
   *
   * Adverts go over it.
   *
   * @default - required, unless every node has its own, or the nodes' addresses are not known and every virtual address names an interface
   */
  readonly networkInterface?: string;
}
