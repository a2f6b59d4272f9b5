// times of an ending pod, and checks of cdk8s durations
import { Duration } from 'cdk8s';
import type { Problem } from '../validation/problem';
import { checkMilliseconds } from '../validation/values';

/** How long connections of an ending pod may stay open. */
export const DEFAULT_DRAIN_TIMEOUT = Duration.seconds(60);

/** Longest `drainTimeout`. */
export const LONGEST_DRAIN_TIMEOUT = Duration.hours(1);

/** Time for the process to end by itself between the preStop hook and SIGKILL. */
export const EXIT_SECONDS = 5;

/** All problems with a duration. For fractions of a millisecond, the error of cdk8s would not name the property. */
export function checkDuration(
  what: string, duration: Duration | undefined, min: Duration, max: Duration, step: Duration,
): Problem[] {
  return duration === undefined ? [] : checkMilliseconds(
    what,
    duration.toMilliseconds({ integral: false }),
    min.toMilliseconds({ integral: false }),
    max.toMilliseconds({ integral: false }),
    step.toMilliseconds(),
  );
}

/** A hook sleeps for the lame duck period, in whole seconds. */
export function checkLameDuckPeriod(lameDuckPeriod: Duration | undefined, longest: Duration): Problem[] {
  return checkDuration('lameDuckPeriod', lameDuckPeriod, Duration.seconds(1), longest, Duration.seconds(1));
}

/** Kubernetes counts grace periods in whole seconds. */
export function checkDrainTimeout(drainTimeout: Duration | undefined): Problem[] {
  return checkDuration('drainTimeout', drainTimeout, Duration.seconds(10), LONGEST_DRAIN_TIMEOUT, Duration.seconds(1));
}
