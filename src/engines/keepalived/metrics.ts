// the container beside keepalived that Prometheus reads: a script that writes a file, and nginx, which serves it
import type { ContainerProcess } from '../container-process';
import type { MetricsEndpoint } from '../metrics-endpoint';
import { directive } from '../nginx/grammar';
import { writeTempPaths } from '../nginx/health';
import { writeMetricsServer } from '../nginx/metrics';
import { TextWriter } from '../text-writer';
import type { KeepalivedModel } from './model';
import { sortedBy } from './render';
import { METRICS, run } from './scripts';

const CONFIG = 'keepalived-metrics.conf';
const SETTINGS = 'keepalived-metrics.txt';
const DIRECTORY = '/run/metrics';

/** Beyond the longest time from one verdict to the next, for a busy node. */
const STALE_SECONDS = 5;

/** Settings of the node that docs/prerequisites.md asks for, under the names that node_exporter gives them. */
const SYSCTLS = ['net/ipv4/tcp_migrate_req', 'net/ipv4/tcp_tw_reuse'];

/**
 * Command and files. The container reads keepalived's run directory, and needs no capability if its port is above 1023.
 *
 * nginx is a well-kept web server that limits readers by their address. keepalived's own JSON and SNMP need a signal for each reading
 * or another daemon, and an exporter that sends signals has taken part in a split brain.
 *
 * @see https://github.com/acassen/keepalived/issues/2066
 */
export function keepalivedMetricsProcess(model: KeepalivedModel, endpoint: MetricsEndpoint): ContainerProcess {
  const slowest = Math.max(0, ...model.checks.map(({ intervalMs, timeoutMs }) => Math.max(intervalMs, timeoutMs)));
  return {
    command: run(METRICS, model.runDirectory, DIRECTORY, `${Math.ceil(slowest / 1000) + STALE_SECONDS}`),
    // always ready: without metrics, addresses move as well
    readiness: [],
    liveness: [],
    preStop: [],
    files: { [METRICS.file]: METRICS.text, [SETTINGS]: renderSettings(model), [CONFIG]: renderServer(endpoint) },
    writableDirectories: [DIRECTORY],
  };
}

/** What the script reads: a kind and its values a line. */
function renderSettings({ instances, checks }: KeepalivedModel): string {
  return [
    ...sortedBy(instances, ({ name }) => name).map(({ name, virtualRouterId, addresses, excludedAddresses }) => (
      ['instance', name, virtualRouterId, ...addresses, ...excludedAddresses].join(' '))),
    ...checks.map(({ name }) => `check ${name}`).sort(),
    ...SYSCTLS.map(name => `sysctl node_sysctl_${name.replace(/\//g, '_')} /proc/sys/${name}`),
  ].map(line => `${line}\n`).join('');
}

function renderServer(endpoint: MetricsEndpoint): string {
  const out = new TextWriter();
  out.line('# Written by cdk8s-istio-edge. Change the construct that made it, not this text.');
  out.line('daemon off;');
  out.line('# keepalived lets only its own user read its files; this process has no capability');
  out.line('user root;');
  out.line(directive('pid', `${DIRECTORY}/nginx.pid`));
  out.line('error_log stderr;');
  out.block('events {', () => out.line('worker_connections 64;'), '}');
  out.block('http {', () => {
    writeTempPaths(out, DIRECTORY);
    out.line('access_log off;');
    // the file has a new content each second: its time says nothing
    writeMetricsServer(out, endpoint, `${directive('alias', `${DIRECTORY}/metrics`)} types {} etag off; if_modified_since off;`);
  }, '}');
  return out.toString();
}
