// the taints that a pod tolerates, beside those of its nodes
import { Duration } from 'cdk8s';
import { Node, NodeTaintQuery, TaintEffect } from 'cdk8s-plus-27';
import type { DaemonSet, Deployment } from 'cdk8s-plus-27';
import { checkDuration } from './durations';
import type { Problem } from '../validation/problem';
import { checkLabelKey, checkLabelValue, checkThat } from '../validation/values';

/**
 * A taint of nodes that pods tolerate.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export interface Toleration {
  /**
   * Key of the taint.
   *
   * @default - every key
   */
  readonly key?: string;

  /**
   * Value of the taint. Only with a key.
   *
   * @default - every value
   */
  readonly value?: string;

  /**
   * Effect of the taint.
   *
   * @default - every effect
   */
  readonly effect?: TaintEffect;

  /**
   * How long the pods stay after the taint is set: 0 seconds to 365 days, whole seconds. Only with `TaintEffect.NO_EXECUTE`.
   *
   * @default - without end
   */
  readonly evictAfter?: Duration;
}

/** All problems with the tolerations. */
export function checkTolerations(tolerations: Toleration[] = []): Problem[] {
  return tolerations.flatMap(({ key, value, effect, evictAfter }) => [
    ...(key === undefined ? [] : checkLabelKey('key of a toleration', key)),
    ...(value === undefined ? [] : checkLabelValue('value of a toleration', value)),
    ...checkThat(value === undefined || key !== undefined, {
      code: 'option-unused', what: 'value of a toleration has no effect without a key', got: value, fix: 'give key too, or omit value',
    }),
    ...checkThat(evictAfter === undefined || effect === TaintEffect.NO_EXECUTE, {
      code: 'option-unused',
      what: 'evictAfter of a toleration has an effect with TaintEffect.NO_EXECUTE only',
      got: effect,
      fix: 'give effect: TaintEffect.NO_EXECUTE, or omit evictAfter',
    }),
    ...checkDuration('evictAfter of a toleration', evictAfter, Duration.seconds(0), Duration.days(365), Duration.seconds(1)),
  ]);
}

/** Lets the pods of a workload tolerate these taints too. */
export function tolerate(workload: DaemonSet | Deployment, tolerations: Toleration[] = []): void {
  workload.scheduling.tolerate(Node.tainted(...tolerations.map(({ key, value, ...options }) =>
    // Kubernetes allows no key with `Exists`, but cdk8s-plus-27 does not declare it
    value === undefined ? NodeTaintQuery.exists(key as string, options) : NodeTaintQuery.is(key as string, value, options))));
}
