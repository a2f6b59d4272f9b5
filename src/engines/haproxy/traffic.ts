// the ports for clients: their limit on connections, and the backend of each connection
import { upstreamAt } from '../entries';
import { duration } from '../notation';
import type { ProxyEntry, ProxyListener, ProxyModel, ProxyRoute } from '../proxy-model';
import { writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { bind, quoteHaproxy } from './grammar';

/** An entry expires this long after its client's last connection has ended. */
const CLIENT_EXPIRY = '10s';

/** No upstream has this name, because it is not a DNS label. */
const CLOSED = '_closed';

/** The longest DNS name. */
const SERVER_NAME_LENGTH = 253;

/** One frontend for all listeners, because they share one limit; the name of the `bind` tells them apart. */
export function writeTraffic(out: TextWriter, model: ProxyModel): void {
  const routed = model.listeners.filter(listener => listener.routes.length > 0);
  out.line('# one frontend for all listeners, because they share one limit; bind lines have the name of their listener');
  out.block('frontend traffic', () => {
    model.listeners.forEach(({ addresses, name, port }) => (
      addresses.forEach(address => out.line(`${bind(address, port)} name ${quoteHaproxy(name)}`))));
    out.blank();
    writeLog(out, model, routed.length > 0);
    out.blank();
    writeLimit(out, model);
    writeSnippet(out, model.snippets, 'frontend');
    out.blank();
    writeEntries(out, model);
    if (routed.length > 0) {
      writeServerNames(out, routed, model);
      out.blank();
    }
    model.listeners.forEach(listener => writeRoutes(out, listener, model.entries));
  });
}

/**
 * Time, client, upstream, how it ended (http://docs.haproxy.org/2.6/configuration.html#8.5), duration, bytes. Not the
 * address that the client connected to: HAProxy would ask the kernel and conntrack for it, which takes 3 % of a
 * connection's CPU time. A line costs 3 to 10 %: HAProxy writes each line with its own system call, which wakes the
 * reader.
 */
function writeLog(out: TextWriter, { logsSuccess }: ProxyModel, serverNames: boolean): void {
  // encoded, because a name can contain any byte, such as a newline
  const sni = serverNames ? ' sni=%[capture.req.hdr(0),url_enc]' : '';
  out.line('log stdout format raw local0');
  if (!logsSuccess) {
    out.line('option dontlog-normal');
  }
  out.line(`log-format "%t %ci:%cp listener=%[so_name]${sni} upstream=%b/%s host=%si:%sp`
    + ' flags=%ts retries=%rc connect_ms=%Tc total_ms=%Tt received=%U sent=%B"');
}

/**
 * With `maxconn`, excess connections would stay in the accept queue: their clients would wait, and get a reset when the
 * pod is replaced.
 */
function writeLimit(out: TextWriter, model: ProxyModel): void {
  out.line('# refuses connections above the limit instead of queueing them; the count includes the new connection');
  out.line(`tcp-request connection reject if { fe_conn gt ${model.maxConnections} }`);
  if (model.maxConnectionsPerClient !== undefined) {
    writeClientLimit(out, model.maxConnections, model.maxConnectionsPerClient);
  }
}

/**
 * A full table drops entries without a connection first, so there is an entry for every connection that can be open.
 * `tcp-request content`, because `tcp-request connection` would write no line to the log.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.2-stick-table
 */
function writeClientLimit(out: TextWriter, maxConnections: number, limit: number): void {
  out.line('# one IPv4 address or one IPv6 /64 is one client; a refusal has flags=PR in the log');
  out.line(`stick-table type ipv6 size ${maxConnections} expire ${CLIENT_EXPIRY} store conn_cur`);
  out.line('tcp-request connection track-sc0 src,ipmask(32,64)');
  out.line(`tcp-request content reject if { sc0_conn_cur gt ${limit} }`);
}

/** Conditions for `use_backend`. */
function writeEntries(out: TextWriter, { entries = [] }: ProxyModel): void {
  if (entries.length > 0) {
    out.line('# these addresses have gateways of their own');
    entries.forEach(entry => out.line(`acl ${aclOf(entry)} dst ${entry.addresses.join(' ')}`));
    out.blank();
  }
}

/**
 * Takes connections to ports that their address lacks. It has no server, so it closes them, and the log has a line. A `reject` would
 * count as refused by a limit in metrics.
 */
export function writeClosed(out: TextWriter, { entries = [], listeners }: ProxyModel): void {
  if (entries.some(entry => listeners.some(listener => !upstreamAt(entry, listener)))) {
    out.blank();
    out.block(`backend ${CLOSED}`, () => out.line('# no server: closes connections to ports that their address lacks'));
  }
}

/** Name of the ACL that matches the addresses of an entry. */
function aclOf({ name }: ProxyEntry): string {
  return `to-${name}`;
}

/** A rule that asks for the server name waits until the name has come, or until it is clear that none will come. */
function writeServerNames(out: TextWriter, routed: ProxyListener[], { clientHelloTimeoutMs }: ProxyModel): void {
  out.line('# only these listeners read the TLS server name');
  out.line(`tcp-request inspect-delay ${duration(clientHelloTimeoutMs)}`);
  const names = routed.map(listener => quoteHaproxy(listener.name)).join(' ');
  out.line(`tcp-request content accept unless { so_name ${names} }`);
  out.line(`tcp-request content capture req.ssl_sni len ${SERVER_NAME_LENGTH} if { req.ssl_hello_type 1 }`);
}

/** The first rule that matches decides. A connection without a matching rule has no backend and is closed. */
function writeRoutes(out: TextWriter, listener: ProxyListener, entries: ProxyEntry[] = []): void {
  entries.forEach(entry => out.line(`${useBackend(upstreamAt(entry, listener) ?? CLOSED, listener)} ${aclOf(entry)}`));
  mostSpecificFirst(listener.routes).forEach(route => {
    out.line(`${useBackend(route.upstream, listener)} { req.ssl_sni ${serverName(route)} }`);
  });
  if (listener.defaultUpstream) {
    out.line(useBackend(listener.defaultUpstream, listener));
  }
}

function useBackend(upstream: string, listener: ProxyListener): string {
  return `use_backend ${quoteHaproxy(upstream)} if { so_name ${quoteHaproxy(listener.name)} }`;
}

/** Exact names before wildcards, the longest wildcard before shorter ones. */
function mostSpecificFirst(routes: ProxyRoute[]): ProxyRoute[] {
  const rank = ({ serverName: name }: ProxyRoute) => (name.startsWith('*') ? name.length : Infinity);
  return [...routes].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

/** Flags and pattern of an ACL on the server name, which clients can send in upper or lower case. */
function serverName({ serverName: name }: ProxyRoute): string {
  return name.startsWith('*') ? `-i -m end ${quoteHaproxy(name.slice(1))}` : `-i ${quoteHaproxy(name)}`;
}
