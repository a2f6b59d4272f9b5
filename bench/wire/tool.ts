// builds bench/wire/tool once and runs it
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contentOf, hashOf, produce } from '../../lab/cluster/cache';

const SOURCE = join(__dirname, 'tool');

/** What `wire drive` prints. */
export interface DriveReport {
  readonly seconds: number;
  readonly requests: number;
  /** Requests including those of the warm-up. */
  readonly answered: number;
  readonly bytes: number;
  readonly connections: number;
  readonly failed: { readonly [kind: string]: number };
  readonly latencyUs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** With a rate: requests that found every connection busy. Their latency includes the wait. */
  readonly late: number;
}

/** What `wire crowd` prints. */
export interface CrowdReport {
  readonly lived: number;
  readonly refused: { readonly [kind: string]: number };
  readonly afterMs: number;
  readonly failed: number;
}

/** What `wire gaps` prints. */
export interface GapsReport {
  readonly asked: number;
  readonly answered: number;
  readonly longestMs: number;
  readonly worstStepMs: number;
}

export class WireTool {
  public static async build(): Promise<WireTool> {
    const folder = await produce('wire', hashOf(contentOf(SOURCE), process.arch), async place => {
      execFileSync('go', ['build', '-trimpath', '-buildvcs=false', '-o', join(place, 'wire'), '.'], { cwd: SOURCE, env: { ...process.env, CGO_ENABLED: '0' } });
    });
    return new WireTool(join(folder, 'wire'));
  }

  private constructor(private readonly program: string) {}

  /** Runs one command and returns its report. `enter` is the command prefix that enters a namespace. */
  public async run<T>(enter: string[], argv: string[]): Promise<T> {
    // in the same session as the measured processes, because the kernel shares processors between sessions
    const [program, ...args] = [...enter, this.program, ...argv];
    return JSON.parse((await promisify(execFile)(program, args, { timeout: 60_000 })).stdout) as T;
  }

  /** The command line of a command that runs until it is killed. */
  public command(...argv: string[]): string[] {
    return [this.program, ...argv];
  }
}
