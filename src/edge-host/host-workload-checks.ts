// what the number of pods and the number of nodes must agree on
import type { EdgeNodes } from './edge-nodes';
import type { Problem } from '../problem/problem';
import { checkInteger, problemUnless } from '../problem/values';

/** Each replica needs a node of its own: one more than there are would stay Pending for ever. */
export function checkReplicas(replicas: number | undefined, nodes: EdgeNodes): Problem[] {
  if (replicas === undefined) {
    return [];
  }
  const known = nodes.hostnames.length;
  return [
    ...checkInteger('replicas-out-of-range', 'replicas', replicas, 1, 1_000),
    ...problemUnless(known === 0 || replicas <= known, {
      code: 'replicas-over-nodes',
      what: 'replicas are more than there are nodes',
      got: replicas,
      fix: `each needs a node of its own, and ${known === 1 ? 'one is' : `${known} are`} listed`,
    }),
  ];
}
