// what the model may say and HAProxy cannot do: more than `checkProxy` finds, for this engine only
import type { Problem } from '../../validation/problem';
import { checkInteger } from '../../validation/values';
import type { ProxyModel } from '../proxy-model';

/** Of one thread group, the only one there is unless the configuration says more. */
const MAX_THREADS = 64;

/** Problems beside those of `checkProxy`. */
export function checkHaproxy(model: ProxyModel): Problem[] {
  return checkInteger('haproxy-concurrency', 'concurrency of HAProxy', model.concurrency, 1, MAX_THREADS);
}
