// which name a TLS listener of Gateway API has: the API allows one, and a certificate has many hosts
import type { Problem } from '../problem/problem';

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

/**
 * A connection goes to the listener with the longest name that covers its own. That must be the one of the host's certificate.
 * `certificates`: hosts by the Gateway that serves them; those of `passthrough` are names of their own.
 */
export function checkListenerNames(certificates: Map<string, string[]>): Problem[] {
  const owners = new Map<string, string[]>();
  for (const [gateway, hosts] of certificates) {
    for (const name of gateway === 'passthrough' ? hosts : [coveringName(hosts)]) {
      owners.set(name, [...owners.get(name) ?? [], gateway]);
    }
  }
  return [...certificates].flatMap(([gateway, hosts]) => hosts.flatMap(host => {
    const name = [host, ...wider(host)].find(candidate => owners.has(candidate))!;
    return owners.get(name)!.filter(owner => owner !== gateway).map(owner => conflict(host, name, owner));
  }));
}

function conflict(host: string, name: string, owner: string): Problem {
  return {
    code: 'listener-conflict',
    what: `clients of ${host} would get the listener ${name} of ${owner}, since a listener has one name for all hosts of a certificate`,
    fix: 'give each host a Secret of its own, or all hosts below one name the same, or take RouteApi.ISTIO',
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
