// hostnames of Gateway API's TLS listeners: a listener has one hostname, a certificate can have many hosts
import { covers } from './routed-host';
import type { Problem } from '../validation/problem';

/** Stands for a listener without a hostname: it covers every name. */
export const EVERY_NAME = '*';

/**
 * The narrowest name that covers all hosts of a certificate. With a listener for each host, browsers would get 404, because they
 * use one HTTP/2 connection for all hosts of a certificate.
 */
export function coveringName(hosts: string[]): string {
  const [first] = hosts;
  return hosts.length === 1 ? first : wider(first).find(name => hosts.every(host => covers(name, host)))!;
}

/** A TLS listener, and the hosts that it must serve. */
export interface TlsListener {
  /** Its name in error messages. */
  readonly title: string;
  readonly passthrough: boolean;
  readonly hosts: string[];
}

/**
 * Finds hosts whose clients would reach the wrong listener. A connection goes to the listener with the longest hostname that covers
 * its server name: that must be the listener of the host's certificate. Of two listeners with one hostname, istiod silently drops
 * the newer. `others` are the listeners of other edges with the same gateway.
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

/** A passthrough listener covers every name, and the routes of its hosts add their names. */
function namesOf({ passthrough, hosts }: TlsListener): string[] {
  return passthrough ? [...hosts, EVERY_NAME] : [coveringName(hosts)];
}

function conflict(host: string, name: string, { title, passthrough }: TlsListener): Problem {
  return {
    code: 'listener-conflict',
    what: `clients of ${host} would reach the listener ${name} of ${title}${passthrough ? '' : ', which has another certificate'}`,
    fix: 'give each host its own Secret, give all of them the same Secret, or use RouteApi.ISTIO',
  };
}

/** Wildcards that cover a host, the narrowest first. */
function wider(host: string): string[] {
  const labels = host.split('.');
  const wildcards = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
  return [...new Set([...wildcards, EVERY_NAME])];
}
