// checks what nginx cannot do; `checkProxy` finds the problems that all engines share
import type { Problem } from '../../validation/problem';
import { checkThat } from '../../validation/values';
import type { ProxyListener, ProxyModel } from '../proxy-model';
import { checkSnippets } from '../snippets';
import { targetsOf } from './routes';
import { NGINX_PLACES } from './snippets';
import { connectionsPerWorker } from './stream';

/**
 * `limit_conn` counts in 16 bits.
 *
 * @see https://github.com/nginx/nginx/blob/release-1.22.1/src/stream/ngx_stream_limit_conn_module.c#L684
 */
const MAX_CONNECTIONS_PER_WORKER = 65_535;

/** Problems that `checkProxy` does not find. */
export function checkNginx(model: ProxyModel): Problem[] {
  return [
    ...model.listeners.flatMap(listener => checkProxyProtocol(listener, model)),
    ...checkWorkers(model),
    ...checkSnippets(NGINX_PLACES, model.snippets),
  ];
}

/** `proxy_protocol` belongs to a listener and takes no variable. */
function checkProxyProtocol(listener: ProxyListener, model: ProxyModel): Problem[] {
  const [first, ...others] = targetsOf(listener, model);
  return checkThat(others.every(upstream => upstream.sendProxyProtocol === first.sendProxyProtocol), {
    code: 'nginx-mixed-proxy-protocol',
    what: `listener ${JSON.stringify(listener.name)} has gateways with and without PROXY protocol`,
    fix: 'nginx sends it to all gateways of a listener, or to none: '
      + 'use one listener for each gateway, or use Envoy or HAProxy',
  });
}

function checkWorkers(model: ProxyModel): Problem[] {
  return checkThat(connectionsPerWorker(model) <= MAX_CONNECTIONS_PER_WORKER, {
    code: 'nginx-connections-per-worker',
    what: 'maxConnections is more than the nginx workers can track',
    got: model.maxConnections,
    fix: `each worker can track ${MAX_CONNECTIONS_PER_WORKER}: `
      + `lower maxConnections, or use more than ${model.concurrency} workers (concurrency)`,
  });
}
