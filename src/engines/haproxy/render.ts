// ProxyModel → haproxy.cfg: the process and the defaults of all connections; the other files of this folder write the
// rest
import { duration } from '../notation';
import type { ProxyModel } from '../proxy-model';
import { writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { writeHealth } from './health';
import { writeMetrics } from './metrics';
import { writeClosed, writeTraffic } from './traffic';
import { slotsOf, writeResolvers, writeUpstream } from './upstreams';

/**
 * With the default, HAProxy polls after every fourth new connection. That takes 4 to 5 % of the CPU time of new
 * connections; with two threads it takes 1 %, and the p99 of waiting clients is half as long again. A value of 32 gains
 * nothing more.
 *
 * @see http://docs.haproxy.org/2.6/configuration.html#3.2-tune.maxaccept
 */
const CONNECTIONS_IN_ONE_GO = 16;

/** The text of front-haproxy.cfg; the model has passed `checkProxy` and `checkHaproxy`. */
export function renderHaproxy(model: ProxyModel): string {
  const out = new TextWriter();
  out.line('# Written by cdk8s-istio-edge. Change the construct that made it, not this text.');
  out.blank();
  out.block('global', () => writeGlobal(out, model));
  out.blank();
  out.block('defaults', () => writeDefaults(out, model));
  out.blank();
  out.block('frontend health', () => writeHealth(out, model));
  out.blank();
  const { metrics } = model;
  if (metrics) {
    out.block('frontend metrics', () => writeMetrics(out, metrics));
    out.blank();
  }
  writeTraffic(out, model);
  model.upstreams.forEach(upstream => {
    out.blank();
    writeUpstream(out, upstream, model);
  });
  writeClosed(out, model);
  if (model.upstreams.some(upstream => upstream.service)) {
    out.blank();
    out.block('resolvers cluster', () => writeResolvers(out));
  }
  if (model.snippets?.sections) {
    out.blank();
    writeSnippet(out, model.snippets, 'sections');
  }
  return out.toString();
}

/**
 * No setting sheds load when memory is short. `tune.buffers.limit` would, but clients that do not read would then take
 * the buffers of all others, also of the health endpoint (measured with 200 clients and a limit of 128).
 */
function writeGlobal(out: TextWriter, model: ProxyModel): void {
  out.line('# only root can bind low ports in a container; this process has no other capability');
  out.line('uid 0');
  out.line(`nbthread ${model.concurrency}`);
  out.line('# connections that are accepted before other work; the default is 4');
  out.line(`tune.maxaccept ${CONNECTIONS_IN_ONE_GO}`);
  out.line('# HAProxy derives maxconn from this, or from the limit of the container if that is lower');
  out.line(`fd-hard-limit ${Math.max(model.fileDescriptors, fileDescriptorsNeeded(model))}`);
  writeSnippet(out, model.snippets, 'global');
}

/**
 * Each slot can have a health check in progress. With fewer descriptors, the automatic `maxconn` would be below the
 * limit on traffic, and HAProxy would refuse the health endpoint too.
 */
function fileDescriptorsNeeded({ maxConnections, reservedFileDescriptors, upstreams }: ProxyModel): number {
  const slots = upstreams.reduce((sum, { pods }) => sum + (pods ? slotsOf(pods) : 0), 0);
  return 2 * maxConnections + reservedFileDescriptors + slots;
}

function writeDefaults(out: TextWriter, model: ProxyModel): void {
  const idle = duration(model.idleTimeoutMs);
  out.line('mode tcp');
  out.line(`timeout connect ${duration(model.connectTimeoutMs)}`);
  out.line(`retries ${model.maxConnectAttempts - 1}`);
  out.line('# every retry goes to another gateway pod');
  out.line('option redispatch 1');
  out.blank();
  out.line(`timeout client ${idle}`);
  out.line(`timeout server ${idle}`);
  out.line('# no data in either direction, after both sides are connected');
  out.line(`timeout tunnel ${idle}`);
  out.line('# a client that does not close after the gateway has closed');
  out.line('timeout client-fin 30s');
  out.blank();
  ['cli', 'srv'].forEach(side => writeKeepAlive(out, side, model));
  writeSnippet(out, model.snippets, 'defaults');
}

function writeKeepAlive(out: TextWriter, side: string, { keepAlive }: ProxyModel): void {
  out.line(`option ${side}tcpka`);
  out.line(`${side}tcpka-idle ${keepAlive.idleSeconds}s`);
  out.line(`${side}tcpka-intvl ${keepAlive.intervalSeconds}s`);
  out.line(`${side}tcpka-cnt ${keepAlive.probes}`);
}
