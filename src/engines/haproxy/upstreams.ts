// the gateways that HAProxy connects to: found by DNS and checked on their health port, or the one on this node
import { duration } from '../notation';
import type { LocalUpstream, PodChecks, ProxyModel, ProxyUpstream, ServiceUpstream, UpstreamPods } from '../proxy-model';
import { writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { endpoint, quoteFormat, quoteHaproxy } from './grammar';

/**
 * Server slots for a gateway whose number of pods is not known. An unused slot takes 3 KB. A pod without a slot gets no
 * traffic.
 */
const SLOTS = 32;

/** Number of server slots for the pods of a gateway. */
export function slotsOf({ maxPods = 0 }: UpstreamPods): number {
  return Math.max(SLOTS, maxPods);
}

/** Asks DNS once a second, and keeps the last answer while DNS is down. */
const BY_NAME = 'resolvers cluster resolve-prefer ipv4 init-addr none';

/** One `backend`, named after the upstream. */
export function writeUpstream(out: TextWriter, upstream: ProxyUpstream, { podChecks, snippets }: ProxyModel): void {
  out.block(`backend ${quoteHaproxy(upstream.name)}`, () => {
    writeSnippet(out, snippets, 'backend');
    if (upstream.local) {
      writeLocal(out, upstream);
    } else {
      writeByName(out, upstream, podChecks);
    }
  });
}

function writeLocal(out: TextWriter, { local, sendProxyProtocol }: LocalUpstream): void {
  out.line(`server local ${endpoint(local.address, local.port)}${sendProxyProtocol ? ' send-proxy-v2' : ''}`);
}

function writeByName(out: TextWriter, { pods, sendProxyProtocol, service }: ServiceUpstream, checks: PodChecks): void {
  const server = sendProxyProtocol ? `${BY_NAME} send-proxy-v2` : BY_NAME;
  writeWaitForHost(out);
  if (pods) {
    writePods(out, pods, server, checks);
    out.line('# used when no pod passes its check: the ClusterIP may still lead to a pod that serves');
  }
  out.line(`server service ${endpoint(service.host, service.port)} ${server}${pods ? ' backup' : ''}`);
}

/** `init-addr libc` would ask before the listeners open, but once for each slot: for minutes if DNS is down. */
function writeWaitForHost(out: TextWriter): void {
  out.line('# a new process gets its first DNS answer within this time');
  out.line('tcp-request inspect-delay 1s');
  out.line('tcp-request content accept if { nbsrv gt 0 } || WAIT_END');
}

/**
 * An explicit check port keeps PROXY protocol out of the checks.
 *
 * @see http://docs.haproxy.org/2.6/configuration.html#5.2-check-send-proxy
 */
function writePods(out: TextWriter, pods: UpstreamPods, server: string, { intervalMs, fall, rise }: PodChecks): void {
  const { host, port, health } = pods;
  out.line('balance roundrobin');
  out.line('option httpchk');
  out.line('# the default is HTTP/1.0, which Envoy answers with 426');
  out.line(`http-check send meth GET uri ${quoteHaproxy(health.path)} ver HTTP/1.1 hdr Host ${quoteFormat(host)}`);
  out.line('http-check expect status 200');
  const check = `check port ${health.port} inter ${duration(intervalMs)} fall ${fall} rise ${rise}`;
  out.line(`server-template pod 1-${slotsOf(pods)} ${endpoint(host, port)} ${server} ${check}`);
}

/** Health checks find a dead gateway. If DNS is down, the gateways can still be up. */
export function writeResolvers(out: TextWriter): void {
  out.line('parse-resolv-conf');
  out.line('accepted_payload_size 8192');
  out.line('# without DNS, addresses stay for a day; a valid answer replaces them at once');
  ['nx', 'other', 'refused', 'timeout'].forEach(status => out.line(`hold ${status} 24h`));
}
