// the gateways that traffic goes to: by the name of their Service, or the one on this node
import * as ipaddr from 'ipaddr.js';
import type { ProxyModel, ProxyUpstream } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, hostPort, quoteNginx } from './grammar';

/**
 * nginx asks DNS once, when it starts, and does not start without an answer. A rolling update loses no service by that:
 * the new pod does not get ready, the old one goes on. And the address of a ClusterIP Service stays as long as the Service,
 * that of a pod does not: so pods are never dialled one by one.
 */
export function writeUpstreams(out: TextWriter, model: ProxyModel): void {
  model.upstreams.forEach(upstream => {
    out.block(`upstream ${quoteNginx(upstream.name)} {`, () => writeServers(out, upstream, model.maxConnectAttempts), '}');
    out.blank();
  });
}

/**
 * nginx tries each server once, so the one name stands here once for each attempt. Not as equals: of a name with two addresses
 * (dual stack) all attempts could then fall on the same one, while `backup` comes after every address has had its turn.
 */
function writeServers(out: TextWriter, { local, service }: ProxyUpstream, attempts: number): void {
  const address = local ? hostPort(local.address, local.port) : hostPort(absolute(service.host), service.port);
  out.line(directive('server', address, 'max_fails=0'));
  for (let again = 1; again < attempts; again++) {
    out.line(directive('server', address, 'max_fails=0', 'backup'));
  }
}

/** The final dot keeps the node's search domains out: with `ndots:5` they come first, and one of them may have a wildcard record. */
function absolute(host: string): string {
  return ipaddr.isValid(host) ? host : `${host}.`;
}
