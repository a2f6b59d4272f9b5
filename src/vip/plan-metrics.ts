// props → where Prometheus reads the metrics of keepalived
import type { KeepalivedVipProps } from './keepalived-vip-props';
import type { MetricsEndpoint } from '../engines/metrics-endpoint';
import { familyOf } from '../validation/addresses';
import { planMetrics } from '../workload/metrics-listener';
import type { MetricsListener } from '../workload/metrics-listener';

/** Of the known exporters of keepalived. @see https://github.com/prometheus/prometheus/wiki/Default-port-allocations */
const METRICS_PORT = 9165;

/** Port on the nodes. */
export function metricsPort({ port = METRICS_PORT }: MetricsListener): number {
  return port;
}

/** IPv6 only if a node has it: on a node without it, nginx would not start. */
export function planVipMetrics(metrics: MetricsListener, { nodes, virtualAddresses }: KeepalivedVipProps, refusedAt: string[]): MetricsEndpoint {
  const known = [...nodes._addresses(), ...virtualAddresses.flatMap(({ addresses }) => addresses)];
  const addresses = known.some(address => familyOf(address) === 'ipv6') ? ['0.0.0.0', '::'] : ['0.0.0.0'];
  return planMetrics(metrics, METRICS_PORT, addresses, refusedAt);
}
