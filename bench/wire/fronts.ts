// the front proxies under test: as synthesized, and with the smallest working configuration of the same engine
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Front, podOf } from './pod';
import { DnsServer } from '../../sandbox/dns-server';
import { PodOptions } from '../../sandbox/pod-sandbox';
import { chartOf, only, synth } from '../../sandbox/synth';
import { AccessLog, EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, FrontProxyOptions, IngressGateway } from '../../src';

export type Pod = Pick<PodOptions, 'process' | 'capabilities'>;

/** Names of the gateway's two Services. */
export const GATEWAY_NAMES = ['edge-gateway', 'edge-gateway-pods'].map(name => `${name}.istio-ingress.svc.cluster.local`);

const CONSTRUCTS = { envoy: FrontEnvoy, haproxy: FrontHaproxy, nginx: FrontNginx };

/** A front proxy as the library writes it, with defaults except for the given options. */
export function synthesized(front: Front, options: FrontProxyOptions): Pod {
  const chart = chartOf();
  const gateway = new IngressGateway(chart, 'gateway');
  new CONSTRUCTS[front](chart, 'front', { nodes: EdgeNodes.named('edge-1'), gateway, ...options });
  const manifests = synth(chart);
  const { process, ...rest } = podOf(manifests, only(manifests, 'DaemonSet'), { POD_NAME: 'edge-1-pod' });
  return { ...rest, process: { ...process, files: { ...process.files, 'resolv.conf': DnsServer.RESOLV_CONF } } };
}

/** Our front proxy, complete or with one change, to measure what a feature costs. */
export type Variant = (front: Front) => Pod;

/** Description of the change → the front proxy. */
type Variants = { readonly [front in Front]: { readonly [what: string]: Variant } };

/** Our front proxy with one thread. */
export function asWritten(options: FrontProxyOptions = {}): Variant {
  return front => synthesized(front, { concurrency: 1, ...options });
}

const LOGS_ALL = { 'with AccessLog.ALL': asWritten({ accessLog: AccessLog.ALL }) };

/** Variants for the measurement of new connections. */
export const CONNECTION_VARIANTS: Variants = {
  envoy: LOGS_ALL,
  haproxy: {
    ...LOGS_ALL,
    // keep-alive sets four options on each of two sockets, for every connection
    'without keep-alive': without(/^  (option )?(cli|srv)tcpka.*\n/gm),
    'with maxaccept 4, the engine\'s own': without(/^  tune\.maxaccept .*\n/gm),
  },
  nginx: {
    ...LOGS_ALL,
    // half-closed connections cost two more system calls and one more poll each
    'without half-closed connections': without(/^  proxy_half_close .*\n/gm),
  },
};

/** Variants for the measurement of a transfer. */
export const TRANSFER_VARIANTS: Variants = {
  envoy: {
    'with Envoy\'s buffers of 1 MiB': without(/^ +per_connection_buffer_limit_bytes: .*\n/gm),
    'with buffers of 128 KiB': replace(/(?<=^ +per_connection_buffer_limit_bytes: ).*/gm, String(128 * 1024)),
  },
  haproxy: {},
  nginx: {},
};

function without(lines: RegExp): Variant {
  return replace(lines, '');
}

function replace(what: RegExp, by: string): Variant {
  return front => {
    const pod = asWritten()(front);
    const files = Object.entries(pod.process.files);
    const rest = files.map(([name, text]): [string, string] => [name, text.replace(what, by)]);
    if (rest.every(([, text], i) => text === files[i][1])) throw new Error(`nothing is like ${what}`);
    return { ...pod, process: { ...pod.process, files: Object.fromEntries(rest) } };
  };
}

const COMMANDS: { readonly [front in Front]: string[] } = {
  envoy: ['envoy', '-c', '/etc/envoy.yaml', '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
  haproxy: ['haproxy', '-db', '-f', '/etc/haproxy.cfg'],
  nginx: ['nginx', '-e', 'stderr', '-c', '/etc/nginx.conf'],
};
const FILES: { readonly [front in Front]: string } = { envoy: 'envoy.yaml', haproxy: 'haproxy.cfg', nginx: 'nginx.conf' };

/** The smallest configuration: one thread, no DNS, checks, limits or log. */
export function minimal(front: Front, backend: string): Pod {
  const file = FILES[front];
  const text = readFileSync(join(__dirname, 'minimal', file), 'utf8').replace('BACKEND', backend);
  const listens = ['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/80'];
  return { process: { command: COMMANDS[front], readiness: listens, liveness: [], preStop: [], files: { [file]: text }, writableDirectories: ['/run/front'] } };
}
