// the traffic: ports that clients reach, how many connections, how they are passed on and logged
import type { ProxyListener, ProxyModel, TcpKeepAlive } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, duration, listen } from './grammar';
import { proxyPass, targetsOf, writeRoutes } from './routes';
import { writeUpstreams } from './upstreams';

/** Of an entry of `limit_conn`: 52 bytes with the longest key, which nginx's allocator makes 64, and its part of a page's descriptor. */
const CLIENT_BYTES = 65;

/** Workers that die with all the connections that they may have, each from another client. Memory that no entry has used costs nothing. */
const WORKER_DEATHS = 32;

/** What the allocator takes for itself. */
const ZONE_OVERHEAD_KIBIBYTES = 64;

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
    writeClient(out);
  }
  if (!model.logsSuccess) {
    out.blank();
    writeFailed(out);
  }
  model.listeners.forEach(listener => {
    out.blank();
    out.block('server {', () => writeListener(out, listener, model), '}');
  });
}

/**
 * A write and the waking of who reads for each line cost a new connection 6 % of its CPU time. Workers share the pipe, and the kernel keeps
 * writes of up to 4 KiB (PIPE_BUF) in one piece; nginx does not cut a line to fill its buffer.
 */
function writeLog(out: TextWriter, { logsSuccess }: ProxyModel): void {
  out.line("log_format connection '$time_iso8601 $remote_addr:$remote_port to $server_addr:$server_port'");
  out.line("  ' sni=$ssl_preread_server_name upstream=$upstream_addr connect=$upstream_connect_time'");
  out.line("  ' status=$status received=$bytes_received sent=$bytes_sent seconds=$session_time';");
  out.line('# up to a second late, as Envoy\'s; in pieces that a pipe keeps whole');
  out.line(`access_log /dev/stdout connection buffer=4k flush=1s${logsSuccess ? '' : ' if=$failed'};`);
}

/** What `writeLog` asks for. Below the maps of the routes: after a map, nginx takes a size for maps as a second one. */
function writeFailed(out: TextWriter): void {
  out.block('map $status $failed {', () => {
    out.line('200 0;');
    out.line('default 1;');
  }, '}');
}

/**
 * The count lives in shared memory, and a worker that is killed does not give back what it held: with one key for all of them
 * the proxy would stay full after a few such deaths, while its health endpoint answers 200. A process id as the key dies
 * with its worker; the price is that each worker has its even share, and the kernel spreads connections only about evenly.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/stream/ngx_stream_limit_conn_module.c#L373
 */
function writeLimit(out: TextWriter, model: ProxyModel): void {
  out.line('# each worker counts its own connections: a shared count would outlive a worker that was killed');
  out.line('limit_conn_zone $pid zone=connections:64k;');
  out.line(directive('limit_conn', 'connections', connectionsPerWorker(model)));
  if (model.maxConnectionsPerClient !== undefined) {
    writeClientLimit(out, model, model.maxConnectionsPerClient);
  }
}

/**
 * Each worker counts for itself here too, for the same reason. A worker that is killed leaves its entries behind: they count for no client,
 * but take a place, and with no place left every connection is refused. So there are places for many such deaths.
 */
function writeClientLimit(out: TextWriter, model: ProxyModel, limit: number): void {
  const places = model.maxConnections + WORKER_DEATHS * connectionsPerWorker(model);
  const kibibytes = Math.ceil(places * CLIENT_BYTES / 1024) + ZONE_OVERHEAD_KIBIBYTES;
  out.line('# one IPv4 address or one IPv6 /64 is one client; a refusal has status=503 in the log');
  out.line(`limit_conn_zone "$pid $client" zone=clients:${kibibytes}k;`);
  out.line(directive('limit_conn', 'clients', Math.ceil(limit / model.concurrency)));
}

/** What `writeClientLimit` asks for, in bytes: 4 of an IPv4 address, the first 8 of an IPv6 address. Below the maps of the routes, as `writeFailed`. */
function writeClient(out: TextWriter): void {
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
  out.line('# a client that has said all it has to say still gets its answer');
  out.line('proxy_half_close on;');
  out.line('# times as in net.ipv4.tcp_keepalive_*: nginx has no others for this side');
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
  out.line(proxyPass(listener));
}

function keepAlive({ idleSeconds, intervalSeconds, probes }: TcpKeepAlive): string {
  return `so_keepalive=${idleSeconds}s:${intervalSeconds}s:${probes}`;
}

/** A property of the listener in nginx; `checkNginx` has seen to it that its upstreams agree. */
function sendsProxyProtocol(listener: ProxyListener, model: ProxyModel): boolean {
  return targetsOf(listener, model).some(upstream => upstream.sendProxyProtocol);
}
