// what a virtual IP needs to know of a listener on its nodes
import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from './edge-nodes';
import type { HostPort } from './host-port';

/**
 * A listener on the ports of a node: a host gateway or a front proxy. `KeepalivedVip.track()` takes it.
 */
export interface IHostListener extends IConstruct {
  /**
   * Where it listens, and where its health endpoint is.
   */
  toHostListenerConfig(): HostListenerConfig;
}

/**
 * Where a host listener listens, and where its health endpoint is.
 */
export interface HostListenerConfig {
  /**
   * Nodes on which it runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * All ports on which it answers clients and health checks on each of these nodes; not the port for Prometheus.
   */
  readonly hostPorts: HostPort[];

  /**
   * Endpoint that answers 200 while the listener is healthy.
   */
  readonly health: HostHealthEndpoint;

  /**
   * How long it still serves after its pod began to end: 0 s or more. A virtual IP must move away in this time.
   */
  readonly lameDuckPeriod: Duration;

  /**
   * The longest `lameDuckPeriod` that a user can set for it: `lameDuckPeriod` or more.
   *
   * @default - no limit
   */
  readonly longestLameDuckPeriod?: Duration;

  /**
   * Whether it also listens on IPv6.
   *
   * @default false
   */
  readonly ipv6?: boolean;

  /**
   * Number of its pods, 1 or more, if it does not run one on every node.
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
   * Loopback address of the endpoint.
   */
  readonly address: string;

  /**
   * The other loopback address, if the IP families of the nodes are not known.
   *
   * The check asks both in turn. When one has answered 200, it asks only that one.
   *
   * @default - none: the check asks `address` only
   */
  readonly secondAddress?: string;

  /**
   * TCP port: 1 to 65535.
   */
  readonly port: number;

  /**
   * Path; it begins with a slash.
   */
  readonly path: string;

  /**
   * User id (uid) of the process that listens: 0 to 4294967294.
   *
   * Only its answers and those of root count.
   * Not checked on a port below 1024, because an unprivileged process cannot listen there.
   *
   * @default - any process may answer
   */
  readonly user?: number;
}
