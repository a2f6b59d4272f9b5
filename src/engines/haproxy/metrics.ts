// the port for Prometheus: HAProxy's own exporter, for readers only
import { METRICS_PATH } from '../metrics-endpoint';
import type { MetricsEndpoint } from '../metrics-endpoint';
import { TextWriter } from '../text-writer';
import { bind } from './grammar';

/**
 * Its own frontend, so that the limit on traffic does not apply: a full proxy must still show that it is full.
 *
 * @see https://github.com/haproxy/haproxy/blob/v2.6.0/addons/promex/README
 */
export function writeMetrics(out: TextWriter, { addresses, port, readers, refusedAt }: MetricsEndpoint): void {
  out.line('mode http');
  addresses.forEach(address => out.line(bind(address, port)));
  out.line('timeout client 10s');
  out.line('# an idle connection would keep Prometheus at the old process during an update');
  out.line('option httpclose');
  readers.forEach(cidr => out.line(`acl reader src ${cidr}`));
  refusedAt.forEach(address => out.line(`acl virtual dst ${address}`));
  out.line(`tcp-request connection reject ${refusedAt.length > 0 ? 'if !reader || virtual' : 'unless reader'}`);
  out.line(`http-request return status 404 unless { method GET } { path ${METRICS_PATH} }`);
  out.line('# without the slots that have no pod');
  out.line('http-request set-query no-maint');
  out.line('http-request use-service prometheus-exporter');
}
