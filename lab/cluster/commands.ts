// runs programs: with a timeout, with their last output in the error, and without leaving processes behind

import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';

export interface RunOptions {
  readonly input?: string;
  /** @default 60 */
  readonly seconds?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line of stderr. */
  readonly onLine?: (line: string) => void;
}

export class CommandFailed extends Error {
  constructor(argv: string[], why: string, public readonly stdout: string, public readonly stderr: string) {
    super(`${argv.join(' ').slice(0, 300)}: ${why}\n${(stderr || stdout).trimEnd().split('\n').slice(-15).join('\n')}`);
    this.name = 'CommandFailed';
  }
}

const running = new Set<ChildProcess>();

/** Aborted by Ctrl-C. Afterwards no program starts, and every wait ends. */
let stop = new AbortController();
let cleaning = false;

/** Ends running programs and rejects new ones, so that the current work fails and cleans up. */
export function interrupt(): void {
  if (!cleaning) {
    stop.abort(new Error('interrupted'));
    running.forEach(child => endGroup(child));
  }
}

export function wasInterrupted(): boolean {
  return stop.signal.aborted;
}

/** Errors of clean-ups, the first one first. */
const failed: unknown[] = [];

/**
 * Runs a clean-up. It works after an interruption, and another interruption does not stop it.
 * It does not throw: in a `finally`, its error would hide that of the work. `cleanUpErrors()` has it.
 */
export async function undo(work: () => Promise<void>): Promise<void> {
  const before = stop;
  const wasCleaning = cleaning;
  cleaning = true;
  if (before.signal.aborted) await new Promise(resolve => setTimeout(resolve, 300)); // other work notices the interruption and ends
  stop = new AbortController();
  await keepingError(work);
  stop = before;
  cleaning = wasCleaning;
}

/** Runs a clean-up that an interruption may stop. Does not throw, like `undo`. */
export async function keepingError(work: () => Promise<void>): Promise<void> {
  await work().catch(error => failed.push(error));
}

/** The errors of clean-ups since the last call. */
export function cleanUpErrors(): string[] {
  return failed.splice(0).map(error => error instanceof Error ? error.message : String(error));
}

/** Runs clean-ups, the last one first. If some fail, it runs the others too. */
export async function undoAll(repairs: (() => Promise<void>)[]): Promise<void> {
  for (const repair of [...repairs].reverse()) await undo(repair);
}

/** Does some work, and returns what repairs it. If the work fails, it repairs at once, and throws the error of the work. */
export async function after(work: () => Promise<unknown>, repair: () => Promise<void>): Promise<() => Promise<void>> {
  try {
    await work();
  } catch (error) {
    await undo(repair);
    throw error;
  }
  return repair;
}

/** Waits; throws when the lab is interrupted. */
export async function sleep(ms: number): Promise<void> {
  await setTimeoutPromise(ms, undefined, { signal: stop.signal });
}

/** Runs a program and returns its standard output. Throws when it fails or takes too long. */
export async function run(argv: string[], options: RunOptions = {}): Promise<string> {
  const seconds = options.seconds ?? 60;
  stop.signal.throwIfAborted();
  const child = launch(argv, options);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    chunk.toString().split('\n').filter(line => line).forEach(line => options.onLine?.(line));
  });
  child.stdin?.on('error', () => undefined); // a program may end before it has read all of its input
  child.stdin?.end(options.input ?? '');
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    endGroup(child);
  }, seconds * 1000);
  const why = await ended(child);
  clearTimeout(limit);
  const text = Buffer.concat(stdout).toString();
  if (late || why) {
    throw new CommandFailed(argv, late ? `not done after ${seconds} s` : why, text, Buffer.concat(stderr).toString());
  }
  return text;
}

/** Runs a program and returns whether it succeeded. */
export async function succeeds(argv: string[], options: RunOptions = {}): Promise<boolean> {
  return run(argv, options).then(() => true, () => false);
}

/** Starts a program that outlives this one. Its output goes to a file. */
export function startDetached(argv: string[], log: string): number {
  stop.signal.throwIfAborted();
  const out = openSync(log, 'a');
  const child = spawn(argv[0], argv.slice(1), { detached: true, stdio: ['ignore', out, out] });
  child.on('error', () => undefined); // the pid is undefined then, see below
  closeSync(out);
  child.unref();
  if (child.pid === undefined) {
    throw new Error(`cannot start ${argv[0]}`);
  }
  return child.pid;
}

/** Runs a program in this terminal: it reads the keyboard and gets Ctrl-C. Returns its exit status. */
export async function runInTerminal(argv: string[]): Promise<number> {
  process.on('SIGINT', () => undefined);
  const child = spawn(argv[0], argv.slice(1), { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
}

/** Repeats a question until the answer is true. Throws an error with `what` in it when the time is up. */
export async function until(what: string, seconds: number, ask: () => Promise<boolean> | boolean, everyMs = 100): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!await ask()) {
    stop.signal.throwIfAborted();
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${what}`);
    }
    await sleep(everyMs);
  }
}

/** Starts a program in its own process group, so that its child processes end with it. */
function launch(argv: string[], options: RunOptions): ChildProcess {
  const child = spawn(argv[0], argv.slice(1), { cwd: options.cwd, env: options.env ?? process.env, detached: true, stdio: 'pipe' });
  running.add(child);
  return child;
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has already ended
  }
}

/** How the program ended; empty when it succeeded. */
async function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    const end = (why: string) => {
      running.delete(child);
      resolve(why);
    };
    child.on('error', error => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? '' : `ended with ${signal ?? `status ${code}`}`));
  });
}
