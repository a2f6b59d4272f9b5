// the shell scripts around keepalived, and the commands that run them; POSIX sh, because the image may be Alpine
import { readScript } from '../script';
import type { Script } from '../script';

/** Starts the checkers and keepalived, or exits if keepalived would start unsafely. */
export const START = readScript('keepalived', 'keepalived-start.sh');

/** Checks a proxy at intervals, and writes the verdict. */
export const CHECKER = readScript('keepalived', 'keepalived-checker.sh');

/** Fails if a checker hangs, or if the start script did not notice its end. */
export const ALIVE = readScript('keepalived', 'keepalived-alive.sh');

/** Writes the state of each instance to a file. */
export const STATE = readScript('keepalived', 'keepalived-state.sh');

/** The container's readiness probe. */
export const READY = readScript('keepalived', 'keepalived-ready.sh');

/** Writes metrics, and serves them. */
export const METRICS = readScript('keepalived', 'keepalived-metrics.sh');

/** The container's liveness probe. */
export const LIVENESS = readScript('keepalived', 'keepalived-liveness.sh');

/** File that the start script reads: one line for each checker. */
export const CHECKERS = 'keepalived-checkers.txt';

/** Arguments of a script that kubelet runs. */
export function run(script: Script, ...args: string[]): string[] {
  return ['/bin/sh', `/etc/${script.file}`, ...args];
}

/**
 * Arguments of a script that keepalived runs. From 2.3.0 on, keepalived disables a script if its path contains a link,
 * such as `/bin` on merged `/usr`. It finds a name without a path in PATH, from which the start script removes links.
 * https://github.com/acassen/keepalived/blob/v2.3.4/lib/notify.c#L646 (`check_security`)
 */
export function runByKeepalived(script: Script, ...args: string[]): string[] {
  return ['sh', `/etc/${script.file}`, ...args];
}
