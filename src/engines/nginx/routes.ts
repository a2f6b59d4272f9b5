// where a connection goes: to one upstream, or to the one that its TLS server name chooses
import type { ProxyListener, ProxyModel, ProxyRoute, ProxyUpstream } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, quoteNginx } from './grammar';

/** Upstream of connections without a route. The name is no DNS label, so no upstream of a model has it. */
const NO_ROUTE = '_no_route';

/** In a map's body these are directives; a backslash before them makes them names. */
const MAP_KEYWORDS = ['default', 'include'];

/** The longest DNS name, with what nginx adds to a hash entry, in whole cache lines; the default is too small for 50 characters. */
const MAP_BUCKET_BYTES = 320;

/** All upstreams that a connection to this listener can reach. */
export function targetsOf(listener: ProxyListener, model: ProxyModel): ProxyUpstream[] {
  const names = [listener.defaultUpstream, ...listener.routes.map(route => route.upstream)];
  return model.upstreams.filter(upstream => names.includes(upstream.name));
}

/** `proxy_pass` of a listener. */
export function proxyPass(listener: ProxyListener): string {
  return listener.routes.length > 0 ? `proxy_pass ${chosenUpstream(listener)};` : directive('proxy_pass', listener.defaultUpstream ?? NO_ROUTE);
}

/** One `map` for each listener that looks at names, and the upstream without a server where such a listener may close connections. */
export function writeRoutes(out: TextWriter, model: ProxyModel): void {
  const routed = model.listeners.filter(listener => listener.routes.length > 0);
  if (routed.length === 0) {
    return;
  }
  if (routed.some(listener => !listener.defaultUpstream)) {
    writeNoRoute(out);
  }
  out.line(directive('map_hash_bucket_size', MAP_BUCKET_BYTES));
  out.line(directive('map_hash_max_size', mapHashSize(routed)));
  routed.forEach(listener => {
    out.blank();
    writeMap(out, listener);
  });
}

/** Ports are unique in a model, so the port names the map. */
function chosenUpstream(listener: ProxyListener): string {
  return `$upstream_${listener.port}`;
}

/** nginx cannot refuse a connection after it has read the name. An upstream that is down ends it at once, and the log shows why. */
function writeNoRoute(out: TextWriter): void {
  out.block(`upstream ${NO_ROUTE} {`, () => out.line('server 127.0.0.1:1 down;'), '}');
  out.blank();
}

/** `hostnames` is what all proxies of this library mean: an exact name before a wildcard, of wildcards the longest. */
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

/** Room for every name: nginx warns when it has to make a table larger than it was allowed to. */
function mapHashSize(listeners: ProxyListener[]): number {
  return Math.max(2_048, ...listeners.map(listener => listener.routes.length));
}
