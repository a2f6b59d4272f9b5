// builds bench/wire/tool once and runs it
import { execFile, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { contentOf, hashOf, produce } from '../../lab/cluster/cache';

const SOURCE = join(__dirname, 'tool');

/** What `wire drive` prints. */
export interface DriveReport {
  readonly seconds: number;
  readonly requests: number;
  /** Requests including those of the warm-up. */
  readonly answered: number;
  /** CPU time of the client. On one machine, it includes what the kernel does when a node receives the client's packets. */
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly connections: number;
  readonly failed: { readonly [kind: string]: number };
  readonly latencyUs: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** With a rate: requests that found every connection busy. Their latency includes the wait. */
  readonly late: number;
}

/** What `wire pair` prints: seconds of each transfer. */
export interface PairReport {
  readonly first: Transfers;
  readonly second: Transfers;
}

export interface Transfers {
  readonly downloads: number[];
  readonly uploads: number[];
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

  /** Opens a connection, waits for `between`, opens another one, and transfers on both in turns. */
  public async pair(enter: string[], argv: string[], between: () => Promise<void>): Promise<PairReport> {
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...enter, this.program, 'pair', ...argv];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const line = async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`wire pair ${argv.join(' ')} failed`);
      return value as string;
    };
    try {
      await line();
      await between();
      child.stdin.write('\n');
      return JSON.parse(await line()) as PairReport;
    } finally {
      child.kill();
    }
  }

  /** The command line of a command that runs until it is killed. */
  public command(...argv: string[]): string[] {
    return [this.program, ...argv];
  }
}
