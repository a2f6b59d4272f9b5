// what a virtual IP needs to know of whatever answers on a node's ports
import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from './edge-nodes';
import type { HostPort } from './host-port';

/**
 * Something that answers on a node's own ports: a host gateway, or a front proxy. `KeepalivedVip.track()` takes it.
 */
export interface IHostListener extends IConstruct {
  /**
   * Where it listens, and how to ask it whether it is well.
   */
  toHostListenerConfig(): HostListenerConfig;
}

/**
 * Where a host listener listens, and how to ask it whether it is well.
 */
export interface HostListenerConfig {
  /**
   * Nodes on which it runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * Every port that it takes on each of these nodes.
   */
  readonly hostPorts: HostPort[];

  /**
   * Endpoint that answers 200 while the listener is well.
   */
  readonly health: HostHealthEndpoint;

  /**
   * How long it goes on serving after it began to end: a virtual IP must have left by then.
   */
  readonly lameDuckPeriod: Duration;

  /**
   * The longest `lameDuckPeriod` that it can be given.
   *
   * @default - any
   */
  readonly longestLameDuckPeriod?: Duration;

  /**
   * Whether it is reached over IPv6 too.
   *
   * @default false
   */
  readonly ipv6?: boolean;

  /**
   * Number of its pods, where that is not one on every node.
   *
   * @default - one on every node
   */
  readonly replicas?: number;
}

/**
 * An HTTP endpoint on the node itself.
 */
export interface HostHealthEndpoint {
  /**
   * Loopback address at which the node asks.
   */
  readonly address: string;

  /**
   * The other loopback address, where it is not known which IP families the nodes have.
   *
   * Both are asked in turn until one has answered 200; from then on that one.
   *
   * @default - `address` alone is asked
   */
  readonly secondAddress?: string;

  /**
   * TCP port.
   */
  readonly port: number;

  /**
   * Path, beginning with a slash.
   */
  readonly path: string;

  /**
   * User id of the process that listens. Answers of other users, but for root, are not believed.
   *
   * On a port below 1024 it is not looked at, since an unprivileged process cannot take that.
   *
   * @default - any process may answer
   */
  readonly user?: number;
}
