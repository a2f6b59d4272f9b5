// what a virtual IP needs to know of whatever answers on a node's ports
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
   * TCP port.
   */
  readonly port: number;

  /**
   * Path, beginning with a slash.
   */
  readonly path: string;
}
