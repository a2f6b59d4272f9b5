// checks what Envoy cannot do; `checkProxy` finds the problems that all engines share
import type { Problem } from '../../validation/problem';
import { checkThat } from '../../validation/values';
import type { ProxyModel } from '../proxy-model';

/**
 * Problems that `checkProxy` does not find. Envoy's `connection_limit` counts the connections of a listener, not those
 * of a client.
 */
export function checkEnvoy(model: ProxyModel): Problem[] {
  return checkThat(model.maxConnectionsPerClient === undefined, {
    code: 'option-unsupported',
    what: 'maxConnectionsPerClient does not work with Envoy, which cannot count the TCP connections of one client',
    got: model.maxConnectionsPerClient,
    fix: 'use HAProxy or nginx, or count with nftables on the nodes: docs/front-proxies.md',
  });
}
