// the shell programs around keepalived, and how the container and keepalived run them; POSIX sh, because the image may be Alpine
import { readScript } from '../script';
import type { Script } from '../script';

/** Starts keepalived with its checkers, or refuses. */
export const START = readScript('keepalived', 'keepalived-start.sh');

/** Asks a proxy whether it is healthy, until it is stopped. */
export const CHECKER = readScript('keepalived', 'keepalived-checker.sh');

/** Fails when a checker hangs, or when its end was not noticed. */
export const ALIVE = readScript('keepalived', 'keepalived-alive.sh');

/** Keeps the state of each instance in a file. */
export const STATE = readScript('keepalived', 'keepalived-state.sh');

/** The container's readiness probe. */
export const READY = readScript('keepalived', 'keepalived-ready.sh');

/** What the start script reads: a checker a line. */
export const CHECKERS = 'keepalived-checkers.txt';

/** argv of a script that kubelet runs. */
export function run(script: Script, ...args: string[]): string[] {
  return ['/bin/sh', `/etc/${script.file}`, ...args];
}

/**
 * argv of a script that keepalived runs. From 2.3.0 on keepalived disables a script whose path contains a link, as `/bin` is where
 * /usr is merged. It looks up a name without a path in PATH, from which the start script removes links.
 * https://github.com/acassen/keepalived/blob/v2.3.4/lib/notify.c#L646 (`check_security`)
 */
export function runByKeepalived(script: Script, ...args: string[]): string[] {
  return ['sh', `/etc/${script.file}`, ...args];
}
