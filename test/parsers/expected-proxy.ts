// what an engine must understand of a front proxy: from its model, and never from a text
import { healthAnswer } from '../../src/engines/health-answer';
import type { ProxyListener, ProxyModel, ProxyUpstream } from '../../src/engines/proxy-model';
import { difference, leaves } from '../support/difference';

/** Where a connection goes. The other fields are those of the engine. */
export type Target = 'closed' | { readonly host: string; readonly port: number; readonly proxyProtocol: boolean; readonly [field: string]: unknown };

export interface UnderstoodListener {
  /** Options of the socket by address. */
  readonly sockets: { readonly [address: string]: string[] };
  /** At all other addresses and names. */
  readonly otherwise: Target;
  readonly byServerName: { readonly [name: string]: Target };
  readonly byAddress: { readonly [address: string]: Target };
}

/** What an engine, or a parser of its language, understood of a configuration. */
export interface UnderstoodProxy {
  readonly listeners: { readonly [port: string]: UnderstoodListener };
  readonly health: { readonly socket: string; readonly path: string; readonly answer: string };
  readonly metrics: 'none' | { readonly sockets: string[]; readonly readers: string[]; readonly refusedAt: string[] };
  readonly times: { readonly connectMs: number; readonly idleMs: number; readonly attempts: number };
  readonly limits: { readonly [name: string]: number };
  /** Everything that the text says beside this. */
  readonly others: string[];
}

type Common = Omit<UnderstoodProxy, 'limits' | 'others'>;

/** What differs between the engines: a target of theirs, and the options of a socket. */
export interface EngineView {
  readonly target: (upstream: ProxyUpstream) => Target;
  readonly socket: (listener: ProxyListener, address: string) => string[];
}

export function expectedProxy(model: ProxyModel, { target, socket }: EngineView): Common {
  const byName = (name: string | undefined): Target => name === undefined ? 'closed' : target(model.upstreams.find(upstream => upstream.name === name)!);
  const listeners = model.listeners.map((listener): [number, UnderstoodListener] => [listener.port, {
    sockets: Object.fromEntries(listener.addresses.map(address => [address, socket(listener, address)])),
    otherwise: byName(listener.defaultUpstream),
    byServerName: Object.fromEntries(listener.routes.map(({ serverName, upstream }) => [serverName, byName(upstream)])),
    byAddress: Object.fromEntries((model.entries ?? []).flatMap(({ addresses, upstreams }) =>
      addresses.map(address => [address, byName(upstreams[listener.name])]))),
  }]);
  const { health, metrics } = model;
  return {
    listeners: Object.fromEntries(listeners),
    health: { socket: `${health.address} ${health.port}`, path: health.path, answer: healthAnswer(model) },
    metrics: metrics === undefined ? 'none' : {
      sockets: metrics.addresses.map(address => `${address} ${metrics.port}`), readers: [...metrics.readers].sort(), refusedAt: [...metrics.refusedAt].sort(),
    },
    times: { connectMs: model.connectTimeoutMs, idleMs: model.idleTimeoutMs, attempts: model.maxConnectAttempts },
  };
}

/** `192.0.2.1:80` and `[2001:db8::1]:80`. */
export function addressAndPort(text: string): [string, number] {
  const [, ipv6, other, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  if (port === undefined) throw new Error(`no address with a port: ${text}`);
  return [ipv6 ?? other, Number(port)];
}

/** `250ms` and `5s`. */
export function millisecondsOf(text: string | undefined): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(text ?? '') ?? [];
  return Number(number) * (unit === 's' ? 1000 : 1);
}

/** How the two differ. Empty: they are the same. */
export function proxyDifference(found: UnderstoodProxy, expected: UnderstoodProxy): string {
  return difference(...[found, expected].map(({ others, ...all }) => [...leaves(all), ...others]) as [string[], string[]]);
}
