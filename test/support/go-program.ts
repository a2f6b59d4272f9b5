// Go programs of the tests: they read JSON and write JSON
import { execFileSync } from 'child_process';
import { join } from 'path';

/** Sends the input to the program in a folder of test/, and returns its answer. Go builds it at the first call and caches it. */
export function askGoProgram<T>(folder: string, input: unknown): T {
  // a build takes long on two busy cores
  const options = { cwd: join(__dirname, '..', folder), input: JSON.stringify(input), encoding: 'utf8', maxBuffer: 2 ** 30, timeout: 600_000 } as const;
  return JSON.parse(execFileSync('go', ['run', '-mod=readonly', '.'], options)) as T;
}
