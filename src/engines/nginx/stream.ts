// `stream`: the ports for clients, the limits on connections, and the access log
import { upstreamAt } from '../entries';
import { duration, hostPort } from '../notation';
import type { ProxyEntry, ProxyListener, ProxyModel, TcpKeepAlive } from '../proxy-model';
import { writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { directive, listen } from './grammar';
import { NO_ROUTE, proxyPass, targetsOf, writeRoutes } from './routes';
import { writeUpstreams } from './upstreams';

/**
 * Memory of one entry of `limit_conn`: 52 bytes with the longest key, rounded up to 64 by nginx's allocator, and a
 * share of the page's descriptor.
 */
const CLIENT_BYTES = 65;

/**
 * The zone has room for this many killed workers, each with all its connections from different clients. Unused memory
 * costs nothing.
 */
const WORKER_DEATHS = 32;

/** Memory that the allocator itself uses. */
const ZONE_OVERHEAD_KIBIBYTES = 64;

/** The content of the `stream` block. */
export function writeStream(out: TextWriter, model: ProxyModel): void {
  writeLog(out, model);
  out.blank();
  writeLimit(out, model);
  out.blank();
  writeProxying(out, model);
  out.blank();
  writeUpstreams(out, model);
  writeRoutes(out, model);
  if (model.maxConnectionsPerClient !== undefined) {
    out.blank();
    writeClientMap(out);
  }
  if (!model.logsSuccess) {
    out.blank();
    writeFailedMap(out);
  }
  out.blank();
  writeSnippet(out, model.snippets, 'stream');
  model.listeners.forEach(listener => {
    out.blank();
    out.block('server {', () => writeListener(out, listener, model), '}');
    model.entries?.forEach(entry => {
      out.blank();
      out.block('server {', () => writeEntry(out, entry, listener, model), '}');
    });
  });
}

/**
 * Without a buffer, each line is one write that wakes the reader: 6 % of the CPU time of a new connection. Workers
 * share the pipe, and the kernel keeps writes of up to 4 KiB (PIPE_BUF) in one piece. nginx does not split a line to
 * fill its buffer.
 */
function writeLog(out: TextWriter, { logsSuccess }: ProxyModel): void {
  out.line("log_format connection '$time_iso8601 $remote_addr:$remote_port to $server_addr:$server_port'");
  out.line("  ' sni=$ssl_preread_server_name upstream=$upstream_addr connect=$upstream_connect_time'");
  out.line("  ' status=$status received=$bytes_received sent=$bytes_sent seconds=$session_time';");
  out.line('# lines come up to 1 s late, in pieces that a pipe does not split');
  out.line(`access_log /dev/stdout connection buffer=4k flush=1s${logsSuccess ? '' : ' if=$failed'};`);
}

/**
 * The maps that `writeLog` needs. They come after the maps of the routes, because nginx accepts no size for maps after
 * a map.
 */
function writeFailedMap(out: TextWriter): void {
  out.block('map $status $failed {', () => {
    out.line('200 0;');
    out.line('default 1;');
  }, '}');
}

/**
 * The count is in shared memory. A worker that is killed does not release its connections. With one key for all
 * workers, the proxy would stay full after a few kills, while its health endpoint answers 200. So the key is the
 * process id: each worker has an even share of the limit, although the kernel spreads connections only roughly evenly.
 *
 * @see https://github.com/nginx/nginx/blob/release-1.22.1/src/stream/ngx_stream_limit_conn_module.c#L373
 */
function writeLimit(out: TextWriter, model: ProxyModel): void {
  out.line('# each worker counts its own connections: a shared count would keep those of a killed worker');
  out.line('limit_conn_zone $pid zone=connections:64k;');
  out.line(directive('limit_conn', 'connections', connectionsPerWorker(model)));
  if (model.maxConnectionsPerClient !== undefined) {
    writeClientLimit(out, model, model.maxConnectionsPerClient);
  }
}

/**
 * Each worker counts separately here too, for the same reason. A killed worker leaves its entries behind. They count
 * for no client, but use memory of the zone, and nginx refuses every connection if the zone is full. So the zone has
 * room for many kills.
 */
function writeClientLimit(out: TextWriter, model: ProxyModel, limit: number): void {
  const places = model.maxConnections + WORKER_DEATHS * connectionsPerWorker(model);
  const kibibytes = Math.ceil(places * CLIENT_BYTES / 1024) + ZONE_OVERHEAD_KIBIBYTES;
  out.line('# one IPv4 address or one IPv6 /64 is one client; a refusal has status=503 in the log');
  out.line(`limit_conn_zone "$pid $client" zone=clients:${kibibytes}k;`);
  out.line(directive('limit_conn', 'clients', Math.ceil(limit / model.concurrency)));
}

/**
 * The key that `writeClientLimit` needs: the 4 bytes of an IPv4 address, or the first 8 of an IPv6 address. After the
 * maps of the routes, as `writeFailedMap`.
 */
function writeClientMap(out: TextWriter): void {
  out.block('map $binary_remote_addr $client {', () => {
    out.line('"~(?s)^(?<network>.{8}).{8}$" $network;');
    out.line('default $binary_remote_addr;');
  }, '}');
}

/** A worker's share of `maxConnections`. */
export function connectionsPerWorker(model: ProxyModel): number {
  return Math.ceil(model.maxConnections / model.concurrency);
}

function writeProxying(out: TextWriter, model: ProxyModel): void {
  out.line(directive('proxy_connect_timeout', duration(model.connectTimeoutMs)));
  out.line('proxy_next_upstream on;');
  out.line(directive('proxy_next_upstream_tries', model.maxConnectAttempts));
  out.line(directive('proxy_timeout', duration(model.idleTimeoutMs)));
  out.line('# a client that closes its sending side still gets its answer');
  out.line('proxy_half_close on;');
  out.line('# with the times of net.ipv4.tcp_keepalive_*; nginx has no setting for them on this side');
  out.line('proxy_socket_keepalive on;');
}

function writeListener(out: TextWriter, listener: ProxyListener, model: ProxyModel): void {
  listener.addresses.forEach(address => out.line(listen(address, listener.port, keepAlive(model.keepAlive))));
  if (listener.routes.length > 0) {
    out.line('ssl_preread on;');
    out.line(directive('preread_timeout', duration(model.clientHelloTimeoutMs)));
  }
  if (sendsProxyProtocol(listener, model)) {
    out.line('proxy_protocol on;');
  }
  writeSnippet(out, model.snippets, 'server');
  out.line(proxyPass(listener));
}

/**
 * Opens no socket, because the listener has one for all addresses: nginx asks the kernel for the address that a client connected to, and
 * takes the server that names it. Socket options here would make nginx bind the address.
 *
 * @see https://nginx.org/en/docs/stream/ngx_stream_core_module.html#listen
 */
function writeEntry(out: TextWriter, entry: ProxyEntry, listener: ProxyListener, model: ProxyModel): void {
  const upstream = upstreamAt(entry, listener);
  out.line(`# ${entry.name}`);
  entry.addresses.forEach(address => out.line(directive('listen', hostPort(address, listener.port))));
  if (model.upstreams.some(candidate => candidate.name === upstream && candidate.sendProxyProtocol)) {
    out.line('proxy_protocol on;');
  }
  writeSnippet(out, model.snippets, 'server');
  out.line(directive('proxy_pass', upstream ?? NO_ROUTE));
}

function keepAlive({ idleSeconds, intervalSeconds, probes }: TcpKeepAlive): string {
  return `so_keepalive=${idleSeconds}s:${intervalSeconds}s:${probes}`;
}

/** In nginx this is set on the listener. `checkNginx` ensures that all its upstreams agree. */
function sendsProxyProtocol(listener: ProxyListener, model: ProxyModel): boolean {
  return targetsOf(listener, model).some(upstream => upstream.sendProxyProtocol);
}
