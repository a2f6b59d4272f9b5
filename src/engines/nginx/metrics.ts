// the port for Prometheus: the few figures that nginx has, in Prometheus' text format, for readers only
import { METRICS_PATH } from '../metrics-endpoint';
import type { MetricsEndpoint } from '../metrics-endpoint';
import { TextWriter } from '../text-writer';
import { directive, listen } from './grammar';

/**
 * Gauges of the module stub_status, which count the connections of `stream` too. Its counters have no variables. The
 * names are those of nginx's own exporter.
 *
 * @see https://nginx.org/en/docs/http/ngx_http_stub_status_module.html#variables
 * @see https://github.com/nginx/nginx-prometheus-exporter
 */
const GAUGES = [
  ['active', 'Open connections of clients'],
  ['reading', 'HTTP connections whose request nginx reads'],
  ['writing', 'Connections to which nginx writes'],
  ['waiting', 'Idle HTTP connections'],
];

/** The metrics of nginx itself. */
export function writeMetrics(out: TextWriter, endpoint: MetricsEndpoint): void {
  writeMetricsServer(out, endpoint, `return 200 "${GAUGES.flatMap(gauge).join('\\n')}\\n";`);
}

/** `answer` is what nginx does for a reader. `return` comes before `allow` and `deny`, so a map of the source decides. */
export function writeMetricsServer(out: TextWriter, { addresses, port, readers, refusedAt }: MetricsEndpoint, answer: string): void {
  out.block('geo $reader {', () => {
    out.line('# no default, which would be 0.0.0.0/0 and ::/0: nginx warns if a reader has the same network');
    readers.forEach(cidr => out.line(directive(cidr, 1)));
  }, '}');
  out.block('map $server_addr $virtual {', () => {
    out.line('default 0;');
    refusedAt.forEach(address => out.line(directive(address, 1)));
  }, '}');
  out.block('server {', () => {
    addresses.forEach(address => out.line(listen(address, port)));
    out.line('# an idle connection would keep Prometheus at the old process during an update');
    out.line('keepalive_timeout 0;');
    out.line('# 444 closes the connection without an answer');
    out.line('if ($reader = "") { return 444; }');
    out.line('if ($virtual) { return 444; }');
    out.line('if ($request_method != GET) { return 404; }');
    out.line('default_type text/plain;');
    out.line(`location = ${METRICS_PATH} { ${answer} }`);
    out.line('location / { return 404; }');
  }, '}');
}

function gauge([name, help]: string[]): string[] {
  const metric = `nginx_connections_${name}`;
  return [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, `${metric} $connections_${name}`];
}
