// which nodes answer for addresses, as clients see it: sandbox/answers asks all the time, and this file counts
import { ChildProcess, execFileSync, spawn } from 'child_process';
import { once } from 'events';
import { join } from 'path';
import type { EdgeNode } from './edge-node';
import { contentOf, hashOf, produce } from '../lab/cluster/cache';

const SOURCE = join(__dirname, 'answers');
const INTERVAL_MS = 100;

/** An answer by ARP or neighbour discovery, or a connection. */
interface Answer {
  readonly address: string;
  readonly atMs: number;
  /** Hardware address or name of the node; empty if a connection failed. */
  readonly who: string;
}

/** What `answers` prints, and the addresses. */
export interface Observations {
  readonly addresses: string[];
  readonly askedMs: number[];
  readonly answers: Answer[];
  readonly connections: Answer[];
}

/** Asks about addresses by ARP and neighbour discovery, and opens connections to them, every 100 ms. */
export class AnswerWatch {
  public static async start(client: EdgeNode, addresses: string[], seconds: number): Promise<AnswerWatch> {
    const folder = await produce('answers', hashOf(contentOf(SOURCE), process.arch), async place => {
      execFileSync('go', ['build', '-trimpath', '-buildvcs=false', '-o', join(place, 'answers'), '.'], { cwd: SOURCE, env: { ...process.env, CGO_ENABLED: '0' } });
    });
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...client.enter, join(folder, 'answers'),
      '--interval', `${INTERVAL_MS}ms`, '--duration', `${seconds}s`, ...addresses];
    return new AnswerWatch(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }), addresses);
  }

  private output = '';
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess, private readonly addresses: string[]) {
    child.stdout!.on('data', text => (this.output += text));
    this.ended = once(child, 'close');
  }

  public async stop(): Promise<Observations> {
    this.child.kill('SIGTERM');
    await this.ended;
    return { ...JSON.parse(this.output) as Omit<Observations, 'addresses'>, addresses: this.addresses };
  }
}

/** The worst address: how long two nodes answered for it, and the longest time in which none did. */
export interface Verdict {
  readonly twoMs: number;
  readonly noneMs: number;
}

/**
 * By ARP and neighbour discovery: the intervals in which two nodes answered one question, added up; the longest time between two
 * answers.
 */
export function judgeAnswers({ addresses, askedMs, answers }: Observations): Verdict {
  return worst(addresses.map(address => {
    const found = about(address, answers);
    const who = askedMs.map(() => new Set<string>());
    let question = 0;
    found.forEach(answer => {
      while (question + 1 < askedMs.length && askedMs[question + 1] <= answer.atMs) question++;
      who[question].add(answer.who);
    });
    return {
      twoMs: INTERVAL_MS * who.filter(nodes => nodes.size > 1).length,
      noneMs: longestGap([askedMs[0], ...found.map(answer => answer.atMs), askedMs[askedMs.length - 1]]),
    };
  }));
}

/** Two changes of the node that serves belong together if no more time lies between them: an address that moves and comes back is fine. */
const TOGETHER_MS = 1_000;

/** By new connections: how long the node that serves them changed to and fro; the longest time in which every new connection failed. */
export function judgeConnections({ addresses, askedMs, connections }: Observations): Verdict {
  return worst(addresses.map(address => {
    const served = about(address, connections).filter(({ who }) => who !== '');
    const changes = served.filter(({ who }, index) => index > 0 && who !== served[index - 1].who).map(({ atMs }) => atMs);
    let began = changes[0];
    return {
      twoMs: Math.max(0, ...changes.map((change, index) => {
        began = index > 0 && change - changes[index - 1] <= TOGETHER_MS ? began : change;
        return change - began;
      })),
      noneMs: longestGap([askedMs[0], ...served.map(({ atMs }) => atMs), askedMs[askedMs.length - 1]]),
    };
  }));
}

function about(address: string, answers: Answer[]): Answer[] {
  return answers.filter(answer => answer.address === address).sort((a, b) => a.atMs - b.atMs);
}

function worst(verdicts: Verdict[]): Verdict {
  return { twoMs: Math.max(...verdicts.map(({ twoMs }) => twoMs)), noneMs: Math.max(...verdicts.map(({ noneMs }) => noneMs)) };
}

function longestGap(timesMs: number[]): number {
  return Math.max(...timesMs.slice(1).map((time, index) => time - timesMs[index]));
}
