// checks what HAProxy cannot do; `checkProxy` finds the problems that all engines share
import type { Problem } from '../../validation/problem';
import { checkInteger } from '../../validation/values';
import type { ProxyModel } from '../proxy-model';
import { checkSnippets } from '../snippets';
import { HAPROXY_PLACES } from './snippets';

/** Limit of one thread group, and the configuration has only one. */
const MAX_THREADS = 64;

/** Problems that `checkProxy` does not find. */
export function checkHaproxy(model: ProxyModel): Problem[] {
  return [
    ...checkInteger('haproxy-concurrency', 'concurrency of HAProxy', model.concurrency, 1, MAX_THREADS),
    ...checkSnippets(HAPROXY_PLACES, model.snippets),
  ];
}
