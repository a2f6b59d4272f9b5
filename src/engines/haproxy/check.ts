// what HAProxy cannot do, beside the problems that `checkProxy` finds
import type { Problem } from '../../validation/problem';
import { checkInteger } from '../../validation/values';
import type { ProxyModel } from '../proxy-model';

/** Limit of one thread group, and the configuration has only one. */
const MAX_THREADS = 64;

/** Problems beside those of `checkProxy`. */
export function checkHaproxy(model: ProxyModel): Problem[] {
  return checkInteger('haproxy-concurrency', 'concurrency of HAProxy', model.concurrency, 1, MAX_THREADS);
}
