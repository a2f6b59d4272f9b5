// ProxyModel → nginx.conf: the process, the traffic in `stream`, the health endpoint in `http`
import type { ProxyModel } from '../proxy-model';
import { writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { directive } from './grammar';
import { writeHealth } from './health';
import { writeMetrics } from './metrics';
import { connectionsPerWorker, writeStream } from './stream';

/** In the run directory. */
export const PID_FILE = 'nginx.pid';

/** The text of front-nginx.conf; the model has passed `checkProxy` and `checkNginx`. */
export function renderNginx(model: ProxyModel): string {
  const out = new TextWriter();
  out.line('# Written by cdk8s-istio-edge. Change the construct that made it, not this text.');
  out.blank();
  writeProcess(out, model);
  out.blank();
  out.block('stream {', () => writeStream(out, model), '}');
  out.blank();
  const { metrics } = model;
  out.block('http {', () => {
    writeHealth(out, model);
    if (metrics) {
      out.blank();
      writeMetrics(out, metrics);
    }
  }, '}');
  return out.toString();
}

function writeProcess(out: TextWriter, model: ProxyModel): void {
  out.line('daemon off;');
  out.line('# without CAP_SETUID and CAP_SETGID the workers stay root; "initgroups(root, 0) failed" in the log is harmless');
  out.line('user root;');
  out.line(directive('worker_processes', model.concurrency));
  out.line(directive('worker_rlimit_nofile', model.fileDescriptors));
  out.line(directive('pid', `${model.runDirectory}/${PID_FILE}`));
  out.line('error_log stderr;');
  writeSnippet(out, model.snippets, 'main');
  out.blank();
  out.block('events {', () => {
    out.line(directive('worker_connections', 2 * connectionsPerWorker(model) + model.reservedFileDescriptors));
    out.line('# accepts all waiting connections at once: those that wait when the listener closes are reset');
    out.line('multi_accept on;');
    writeSnippet(out, model.snippets, 'events');
  }, '}');
}
