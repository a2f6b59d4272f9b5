// where Prometheus reads metrics; one form for front proxies and keepalived

/** A port that answers GET of one path, for some hosts. It refuses everything else. */
export interface MetricsEndpoint {
  /** `0.0.0.0`, `::` (IPv6 only), or both. */
  readonly addresses: string[];
  readonly port: number;
  /** Networks whose hosts may read, in CIDR form. */
  readonly readers: string[];
  /** Virtual addresses: nothing is answered there, because they belong to clients. */
  readonly refusedAt: string[];
}

/** Path of the metrics, by convention of Prometheus. */
export const METRICS_PATH = '/metrics';
