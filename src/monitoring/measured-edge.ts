// what alerts need to know of an edge
import type { ProxyQueries, Selector } from './queries';

/** The parts of an edge that have metrics. Plain data. */
export interface MeasuredEdge {
  readonly name: string;
  readonly namespace: string;
  readonly frontProxy?: MeasuredFront;
  readonly vip?: MeasuredVip;
}

/** A DaemonSet or Deployment with a port for Prometheus. */
export interface MeasuredPart {
  readonly name: string;
  readonly port: number;
  readonly selector: Selector;
  readonly isDaemonSet: boolean;
}

/** A virtual IP. */
export interface MeasuredVip extends MeasuredPart {
  /** Whether its connections survive a move: then they are counted. */
  readonly handsOver: boolean;
}

/** A front proxy. */
export interface MeasuredFront extends MeasuredPart {
  readonly maxConnections: number;
  readonly queries: ProxyQueries;
}
