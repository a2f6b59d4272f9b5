// the gateways that nginx connects to: by the name of their Service, or the one on this node
import { hostPort } from '../notation';
import type { ProxyModel, ProxyUpstream } from '../proxy-model';
import { TextWriter } from '../text-writer';
import { directive, quoteNginx } from './grammar';

/**
 * nginx asks DNS once, when it starts, and does not start without an answer. A rolling update is still safe:
 * the new pod is not ready, and the old pod still serves. A ClusterIP Service keeps its address, but a pod does not.
 * So nginx connects to the Service, not to each pod.
 */
export function writeUpstreams(out: TextWriter, model: ProxyModel): void {
  model.upstreams.forEach(upstream => {
    const body = () => writeServers(out, upstream, model.maxConnectAttempts);
    out.block(`upstream ${quoteNginx(upstream.name)} {`, body, '}');
    out.blank();
  });
}

/**
 * The final dot of a name excludes the node's search domains. With `ndots:5` they come first, and one of them can have a
 * wildcard record.
 *
 * nginx tries each server once, so the name is listed once for each attempt. All but the first are `backup`: of a name
 * with two addresses (dual stack), all attempts could otherwise go to the same address. nginx tries `backup` servers
 * after every other address.
 */
function writeServers(out: TextWriter, { local, service }: ProxyUpstream, attempts: number): void {
  const address = local ? hostPort(local.address, local.port) : hostPort(`${service.host}.`, service.port);
  out.line(directive('server', address, 'max_fails=0'));
  for (let again = 1; again < attempts; again++) {
    out.line(directive('server', address, 'max_fails=0', 'backup'));
  }
}
