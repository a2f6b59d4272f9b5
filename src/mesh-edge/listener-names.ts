// which name a TLS listener of Gateway API has: the API allows one, and a certificate has many hosts
import type { Problem } from '../validation/problem';

/** A listener without a hostname. */
export const EVERY_NAME = '*';

/**
 * The narrowest name that covers all hosts of a certificate. A listener for each host would answer 404 to browsers, which use one
 * HTTP/2 connection for all hosts of a certificate.
 */
export function coveringName(hosts: string[]): string {
  const [first] = hosts;
  return hosts.length === 1 ? first : wider(first).find(name => hosts.every(host => covers(name, host)))!;
}

/** A TLS listener, and the hosts whose clients must get it. */
export interface TlsListener {
  /** In messages. */
  readonly title: string;
  readonly passthrough: boolean;
  readonly hosts: string[];
}

/**
 * A connection goes to the listener with the longest name that covers its own: that must be the one of the host's certificate. And of two listeners
 * with one name istiod drops the newer, without a word. `others` are those of other edges before the same gateway.
 */
export function checkListenerNames(own: TlsListener[], others: TlsListener[]): Problem[] {
  const owners = new Map<string, TlsListener[]>();
  for (const listener of [...own, ...others]) {
    namesOf(listener).forEach(name => owners.set(name, [...owners.get(name) ?? [], listener]));
  }
  const conflicts = (host: string, name: string, listener: TlsListener) =>
    owners.get(name)!.filter(owner => owner !== listener).map(owner => conflict(host, name, owner));
  return own.flatMap(listener => [
    ...listener.hosts.flatMap(host => conflicts(host, [host, ...wider(host)].find(name => owners.has(name))!, listener)),
    ...(listener.passthrough ? conflicts(listener.hosts[0], EVERY_NAME, listener) : []),
  ]);
}

/** Hosts of passthrough are names of their own, by their routes; its listener is for every name. */
function namesOf({ passthrough, hosts }: TlsListener): string[] {
  return passthrough ? [...hosts, EVERY_NAME] : [coveringName(hosts)];
}

function conflict(host: string, name: string, { title }: TlsListener): Problem {
  return {
    code: 'listener-conflict',
    what: `clients of ${host} would get the listener ${name} of ${title}, since a listener has one name for all hosts of a certificate`,
    fix: 'give each host a Secret of its own, or all hosts below one name the same, or use RouteApi.ISTIO',
  };
}

/** Names that cover a host beside its own, the narrowest first. */
function wider(host: string): string[] {
  const labels = host.split('.');
  const wildcards = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
  return [...new Set([...wildcards, EVERY_NAME])];
}

function covers(name: string, host: string): boolean {
  return name === host || name === EVERY_NAME || host.endsWith(name.slice(1));
}
