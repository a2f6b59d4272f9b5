// ports that daemons of every node have, beside those of its pods
import type { Problem } from '../validation/problem';

/**
 * Ports of the node's own daemons. A pod on the host network cannot listen there while the daemon runs. While the daemon restarts, the
 * pod would take the port away from it.
 *
 * @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/
 */
const NODE_PORTS: { readonly [port: number]: string } = {
  22: 'sshd',
  10248: 'health of the kubelet',
  10249: 'metrics of kube-proxy',
  10250: 'kubelet',
  10256: 'health of kube-proxy',
};

/** A port that a call opens on nodes, and that no option lists for them. */
export function checkNotNodes(what: string, port: number): Problem[] {
  const owner = NODE_PORTS[port];
  return owner === undefined ? [] : [{
    code: 'port-reserved-by-node',
    what: `${what} is the port of a daemon of every node (${owner})`,
    got: port,
    fix: 'choose another port; if the daemon listens elsewhere on these nodes, list the port in listeners of the front proxy and the gateway',
  }];
}
