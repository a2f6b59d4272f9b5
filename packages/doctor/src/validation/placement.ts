// whether two pods can run on one node, as far as manifests show it
import { listOf, PodOf } from './pods';
import { KubeObject } from '../edge/objects';
import { hostnamesOf } from '../edge/workload';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const HOSTNAME = 'kubernetes.io/hostname';

/** Labels that nearly every node has: they tell no nodes apart. */
const COMMON = ['kubernetes.io/os', 'kubernetes.io/arch'];

/** Sets of requirements of which a node must meet one. */
function alternativesOf({ spec }: PodOf): Requirement[][] {
  const selector = Object.entries({ ...spec.nodeSelector, ...(typeof spec.nodeName === 'string' && { [HOSTNAME]: spec.nodeName }) })
    .map(([key, value]) => ({ key, operator: 'In', values: [String(value)] }));
  const terms = listOf(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms);
  const asRequirements = ({ matchExpressions, matchFields }: KubeObject): Requirement[] => [
    ...listOf(matchExpressions), ...listOf(matchFields).map((field): KubeObject => ({ ...field, key: HOSTNAME })),
  ].map(({ key, operator, values = [] }) => ({ key, operator, values }));
  const all = terms.length === 0 ? [selector] : terms.map(term => [...selector, ...asRequirements(term)]);
  return all.map(requirements => requirements.filter(({ key }) => !COMMON.includes(key)));
}

/** Undefined: nodes can meet both, and manifests do not say whether such a node exists. */
function meetOnOneNode(one: Requirement, other: Requirement): boolean | undefined {
  const operators = `${one.operator} ${other.operator}`;
  switch (operators) {
    case 'In In': return one.values.some(value => other.values.includes(value));
    case 'In NotIn': return one.values.some(value => !other.values.includes(value)) ? undefined : false;
    case 'NotIn In': return meetOnOneNode(other, one);
    case 'Exists DoesNotExist': case 'DoesNotExist Exists': case 'In DoesNotExist': case 'DoesNotExist In': return false;
    case 'Exists Exists': case 'In Exists': case 'Exists In': return true;
    default: return undefined;
  }
}

const isPositive = ({ operator }: Requirement) => operator === 'In' || operator === 'Exists';

function shareNode(one: Requirement[], other: Requirement[]): boolean | undefined {
  const answers = one.flatMap(mine => other.filter(({ key }) => key === mine.key).map(theirs => meetOnOneNode(mine, theirs)));
  if (answers.includes(false)) {
    return false;
  }
  const anywhere = !one.some(isPositive) || !other.some(isPositive);
  return answers.includes(true) || anywhere ? true : undefined;
}

/** Keys of taints that only chosen pods tolerate. */
const specialTolerations = ({ spec }: PodOf) => listOf(spec.tolerations).map(({ key }) => key as string | undefined)
  .filter((key): key is string => key !== undefined && !key.startsWith('node.kubernetes.io/'));

const toleratesAll = ({ spec }: PodOf) => listOf(spec.tolerations).some(({ key, operator }) => key === undefined && operator === 'Exists');

/** A taint that one pod tolerates and the other does not can keep them apart. */
function mayBeApartByTaint(one: PodOf, other: PodOf): boolean {
  const lacks = (pod: PodOf, keys: string[]) => !toleratesAll(pod) && keys.some(key => !specialTolerations(pod).includes(key));
  return lacks(other, specialTolerations(one)) || lacks(one, specialTolerations(other));
}

/** True only if manifests show it: unknown labels and taints are no reason for an alarm. */
export function canShareNode(one: PodOf, other: PodOf): boolean {
  const [mine, theirs] = [alternativesOf(one), alternativesOf(other)];
  const shared = mine.some(a => theirs.some(b => shareNode(a, b) === true));
  const listed = mine.every(a => a.some(isPositive)) && theirs.every(b => b.some(isPositive));
  return shared && (listed || !mayBeApartByTaint(one, other));
}

/** Number of nodes on which the pod can run. Undefined if the manifests do not list them. */
export function nodeCountOf({ object, spec }: PodOf): number | undefined {
  const names = new Set(hostnamesOf({ template: { ...object, spec } }));
  return names.size === 0 ? undefined : names.size;
}
