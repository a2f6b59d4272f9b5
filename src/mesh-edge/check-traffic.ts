// checks of timeouts and retries
import { Duration } from 'cdk8s';
import type { RetryPolicy } from './expose-options';
import type { RouteApi } from './route-api';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkInteger, checkThat } from '../validation/values';
import { checkDuration } from '../workload/durations';

/** Conditions that istiod's webhook accepts, besides HTTP status codes. */
const RETRY_CONDITIONS = [
  '5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'retriable-4xx', 'refused-stream', 'retriable-status-codes',
  'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable',
];

/** HTTP status codes that have a name. istiod refuses others. */
const STATUS_CODE = /^(10[0-3]|20[0-8]|226|30[0-578]|40\d|41[0-8]|42[1-689]|431|451|50[0-8]|51[01])$/;

/** All problems with timeouts and retries. */
export function checkTraffic(timeout: Duration | undefined, retries: RetryPolicy | undefined, routeApi: RouteApi): Problem[] {
  const limit = checkLimit('timeout', timeout);
  return [
    ...limit,
    ...checkThat(retries === undefined || !routeApi._isGatewayApi, {
      code: 'option-unsupported',
      what: 'the standard channel of Gateway API has no retries',
      fix: 'use RouteApi.ISTIO, or omit retries for Istio\'s defaults',
    }),
    ...(retries === undefined ? [] : checkRetries(retries, limit.length === 0 ? timeout : undefined)),
  ];
}

/** `timeout` is undefined here if it has a problem of its own. */
function checkRetries({ attempts, perTryTimeout, retryOn }: RetryPolicy, timeout: Duration | undefined): Problem[] {
  const limit = checkLimit('retries.perTryTimeout', perTryTimeout);
  const comparable = limit.length === 0 && timeout !== undefined && perTryTimeout !== undefined;
  return [
    ...checkInteger('retries-out-of-range', 'retries.attempts', attempts, 0, 100),
    ...checkThat(attempts !== 0 || (perTryTimeout === undefined && retryOn === undefined), {
      code: 'option-unused',
      what: 'retries.perTryTimeout and retries.retryOn have no effect if retries.attempts is 0',
      fix: 'omit them, or raise attempts',
    }),
    ...limit,
    ...checkThat(!comparable || perTryTimeout.toMilliseconds() <= timeout.toMilliseconds(), {
      code: 'timeout-conflict',
      what: 'retries.perTryTimeout is longer than timeout',
      got: perTryTimeout?.toHumanString(),
      fix: 'timeout covers all attempts: make it longer, or make perTryTimeout shorter',
    }),
    ...(retryOn === undefined ? [] : checkDistinct('retry-condition-twice', 'retries.retryOn', retryOn)),
    ...(retryOn ?? []).flatMap(condition => checkThat(RETRY_CONDITIONS.includes(condition) || STATUS_CODE.test(condition), {
      code: 'retry-condition-unknown',
      what: 'Istio does not know this condition of retries.retryOn',
      got: condition,
      fix: `expected an HTTP status code or one of ${RETRY_CONDITIONS.join(', ')}`,
    })),
  ];
}

/** istiod accepts whole milliseconds only, and refuses 0. */
function checkLimit(what: string, duration: Duration | undefined): Problem[] {
  return checkDuration(what, duration, Duration.millis(1), Duration.hours(24), Duration.millis(1));
}
