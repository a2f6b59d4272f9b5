// the upstream of a connection: the only one, or the one that its TLS server name chooses
import { upstreamAt } from '../entries';
import type { ProxyListener, ProxyModel, ProxyRoute, ProxyUpstream } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, quoteNginx } from './grammar';

/** Upstream of connections without a route. The name is not a DNS label, so no upstream of a model has it. */
export const NO_ROUTE = '_no_route';

/** These words are directives in a map. A backslash before a word makes it a name. */
const MAP_KEYWORDS = ['default', 'include'];

/**
 * Size for the longest DNS name and nginx's hash entry, in whole cache lines. The default is too small for 50
 * characters.
 */
const MAP_BUCKET_BYTES = 320;

/** All upstreams of a listener. */
export function targetsOf(listener: ProxyListener, model: ProxyModel): ProxyUpstream[] {
  const names = [listener.defaultUpstream, ...listener.routes.map(route => route.upstream)];
  return model.upstreams.filter(upstream => names.includes(upstream.name));
}

/** `proxy_pass` of a listener. */
export function proxyPass(listener: ProxyListener): string {
  return listener.routes.length > 0
    ? `proxy_pass ${chosenUpstream(listener)};`
    : directive('proxy_pass', listener.defaultUpstream ?? NO_ROUTE);
}

/** One `map` for each listener that reads server names. If connections can be closed, also an upstream whose server is down. */
export function writeRoutes(out: TextWriter, model: ProxyModel): void {
  const routed = model.listeners.filter(listener => listener.routes.length > 0);
  if (canClose(model)) {
    writeNoRoute(out);
  }
  if (routed.length === 0) {
    return;
  }
  out.line(directive('map_hash_bucket_size', MAP_BUCKET_BYTES));
  out.line(directive('map_hash_max_size', mapHashSize(routed)));
  routed.forEach(listener => {
    out.blank();
    writeMap(out, listener);
  });
}

/** A connection can match no route, or come to a port that its address lacks. */
function canClose({ listeners, entries = [] }: ProxyModel): boolean {
  return listeners.some(listener => !listener.defaultUpstream || entries.some(entry => !upstreamAt(entry, listener)));
}

/** Ports are unique in a model, so the port names the map. */
function chosenUpstream(listener: ProxyListener): string {
  return `$upstream_${listener.port}`;
}

/**
 * nginx cannot refuse a connection after it has read the name. An upstream that is down ends the connection at once,
 * and the log shows why.
 */
function writeNoRoute(out: TextWriter): void {
  out.block(`upstream ${NO_ROUTE} {`, () => out.line('server 127.0.0.1:1 down;'), '}');
  out.blank();
}

/**
 * `hostnames` matches as all engines of this library do: an exact name before a wildcard, a longer wildcard before a
 * shorter one.
 */
function writeMap(out: TextWriter, listener: ProxyListener): void {
  out.block(`map $ssl_preread_server_name ${chosenUpstream(listener)} {`, () => {
    out.line('hostnames;');
    out.line(directive('default', listener.defaultUpstream ?? NO_ROUTE));
    listener.routes.forEach(route => out.line(mapEntry(route)));
  }, '}');
}

function mapEntry({ serverName, upstream }: ProxyRoute): string {
  const key = MAP_KEYWORDS.includes(serverName) ? `\\${serverName}` : serverName;
  return directive(quoteNginx(key), upstream);
}

/** Large enough for every name: nginx logs a warning if it must enlarge the table. */
function mapHashSize(listeners: ProxyListener[]): number {
  return Math.max(2_048, ...listeners.map(listener => listener.routes.length));
}
