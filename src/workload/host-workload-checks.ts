// checks of pods against nodes: how many, and which
import type { EdgeNodes } from '../nodes/edge-nodes';
import type { Problem } from '../validation/problem';
import { checkInteger, checkThat } from '../validation/values';

/** Each replica needs a node of its own: a pod without a node would stay Pending. */
export function checkReplicas(replicas: number | undefined, nodes: EdgeNodes): Problem[] {
  if (replicas === undefined) {
    return [];
  }
  const known = nodes.hostnames.length;
  return [
    ...checkInteger('replicas-out-of-range', 'replicas', replicas, 1, 1_000),
    ...checkThat(known === 0 || replicas <= known, {
      code: 'replicas-over-nodes',
      what: 'there are more replicas than nodes',
      got: replicas,
      fix: `each replica needs its own node: use at most ${known}, or list more nodes`,
    }),
  ];
}

/** Each of `nodes` must be in `theirs` too, as far as synthesis can know. */
export function checkCovered(nodes: EdgeNodes, theirs: EdgeNodes, problem: Pick<Problem, 'code' | 'what'>): Problem[] {
  const isMissing = (hostname: string) => theirs.hostnames.length > 0 && !theirs.hostnames.includes(hostname);
  const without = nodes.hostnames.filter(isMissing);
  return [
    ...checkThat(without.length === 0 && nodes._overlaps(theirs) && haveLabelsOf(nodes, theirs), {
      ...problem, got: without.length > 0 ? without : nodes._describe(), fix: 'give both the same nodes',
    }),
    ...checkThat(hasAll(nodes.taintKeys, theirs.taintKeys) && hasAll(theirs.taintKeys, nodes.taintKeys), {
      ...problem,
      got: theirs.taintKeys.length > 0 ? theirs.taintKeys.join(', ') : 'no taint',
      fix: `give both the same nodes, with dedicated(${allOf(nodes.taintKeys, theirs.taintKeys).map(key => `'${key}'`).join(', ')})`,
    }),
  ];
}

function hasAll(keys: string[], wanted: string[]): boolean {
  return wanted.every(key => keys.includes(key));
}

function allOf(...lists: string[][]): string[] {
  return [...new Set(lists.flat())];
}

/** Whether nodes with these labels have the labels of `theirs` too. Labels of nodes given by hostname are not known. */
function haveLabelsOf(nodes: EdgeNodes, theirs: EdgeNodes): boolean {
  return nodes.hostnames.length > 0
    || Object.entries(theirs.labels).every(([key, value]) => nodes.labels[key] === value);
}
