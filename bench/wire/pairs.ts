// compares each engine as the library configures it with the smallest working configuration of the same engine
import { asWritten, CONNECTION_VARIANTS, GATEWAY_NAMES, minimal, Pod, TRANSFER_VARIANTS, Variant } from './fronts';
import { startPod, cpuSeconds, Front } from './pod';
import { DriveReport, WireTool } from './tool';
import { FrontNode, Wires } from './wires';
import { median } from '../../lab/figures';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import type { Findings } from '../findings';
import { lowerQuartile, pairedRatio } from '../measure';

/** The processor of the proxies. Everything else runs on the other one. */
export const PROXY_CPU = '0';
export const OTHER_CPU = '1';

/** Each side is started several times, because processes with the same configuration differ in speed. */
const STARTS = 16;
/** Number of turns, divided among the starts. */
const TURNS = 192;
/** Seconds of a turn. Short, so that other work on the machine disturbs both sides or few turns. */
const SECONDS = 0.15;
const TRANSFERS = 48;
const GIB = 2 ** 30;
const AGAINST = 'its smallest configuration';

/** A running front proxy. */
export class RunningFront {
  public static async start(wires: Wires, { address, node }: FrontNode, front: Front, pod: Pod): Promise<RunningFront> {
    const start = async () => wires.keep(await startPod(node, front, pod, PROXY_CPU));
    return new RunningFront(address, await start(), start);
  }

  private constructor(public readonly address: string, public pod: PodSandbox, private readonly startAgain: () => Promise<PodSandbox>) {}

  /** Starts the same proxy in a new process. */
  public async restart(): Promise<void> {
    await this.pod.kill();
    this.pod = await this.startAgain();
  }
}

/** The result of one load. */
interface Sample {
  readonly report: DriveReport;
  /** CPU time of the proxy. */
  readonly cpuSeconds: number;
}

/** Starts our front proxy, or a variant of it. */
export async function startOurs(wires: Wires, front: Front, variant: Variant = asWritten()): Promise<RunningFront> {
  const place = await wires.addFront(GATEWAY_NAMES);
  return RunningFront.start(wires, place, front, variant(front));
}

/** Starts variants one after another. */
async function startVariants(wires: Wires, front: Front, variants: { readonly [what: string]: Variant }): Promise<RunningFront[]> {
  const started: RunningFront[] = [];
  for (const variant of Object.values(variants)) started.push(await startOurs(wires, front, variant));
  return started;
}

async function startSmallest(wires: Wires, front: Front): Promise<RunningFront> {
  const place = await wires.addFront();
  return RunningFront.start(wires, place, front, minimal(front, place.backend));
}

const TIME = ['--warm-up', '100ms', '--duration', `${SECONDS}s`];

/** Runs four loads in turns on both. Some also run on ours without a feature, to show its cost. */
export async function comparePair(front: Front, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const ours = await startOurs(wires, front);
  const smallest = await startSmallest(wires, front);
  const smallestRate = await compareRequests(front, [ours, smallest], wires, tool, findings);
  await compareConnections(front, [ours, smallest], wires, tool, findings);
  await compareTransfers(front, [ours, smallest], wires, tool, findings);
  await compareLatency(front, [ours, smallest], smallestRate, wires, tool, findings);
}

/** Returns the rate of the smallest configuration. */
async function compareRequests(front: Front, pair: RunningFront[], wires: Wires, tool: WireTool, findings: Findings): Promise<number> {
  const kept = await takeTurns(pair, wires, tool, ['--connections', '64', ...TIME]);
  add(findings, `${front}, requests over 64 open connections`, '1/s', kept, perSecond, { atLeast: 0.95 });
  add(findings, `${front}, CPU time a request`, 'µs', kept, cpuEach);
  add(findings, `${front}, share of its processor that requests took`, '%', kept, busyPercent);
  return median(kept[1].map(perSecond));
}

async function compareConnections(front: Front, pair: RunningFront[], wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const variants = CONNECTION_VARIANTS[front];
  const load = ['--connections', '32', '--fresh', ...TIME];
  const [fresh, bare, ...varied] = await takeTurns([...pair, ...await startVariants(wires, front, variants)], wires, tool, load);
  add(findings, `${front}, new connections, each with one request`, '1/s', [fresh, bare], perSecond, { atLeast: 0.95 });
  Object.keys(variants).forEach((what, i) => add(findings, `${front}, new connections, ${what}`, '1/s', [varied[i], bare], perSecond));
  add(findings, `${front}, CPU time a connection`, 'µs', [fresh, bare], cpuEach);
  Object.keys(variants).forEach((what, i) => add(findings, `${front}, CPU time a connection, ${what}`, 'µs', [varied[i], bare], cpuEach));
  add(findings, `${front}, share of its processor that connections took`, '%', [fresh, bare], busyPercent);
}

async function compareTransfers(front: Front, pair: RunningFront[], wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const variants = TRANSFER_VARIANTS[front];
  const load = ['--connections', '1', '--bytes', String(GIB), '--count', '1', '--duration', '30s'];
  const [moved, bare, ...varied] = await takeTurns([...pair, ...await startVariants(wires, front, variants)], wires, tool, load, TRANSFERS);
  add(findings, `${front}, a transfer of 1 GiB`, 'GiB/s', [moved, bare], gibPerSecond, { atLeast: 0.95 });
  Object.keys(variants).forEach((what, i) => add(findings, `${front}, a transfer of 1 GiB, ${what}`, 'GiB/s', [varied[i], bare], gibPerSecond));
  add(findings, `${front}, CPU time a GiB`, 'ms', [moved, bare], cpuMs);
  Object.keys(variants).forEach((what, i) => add(findings, `${front}, CPU time a GiB, ${what}`, 'ms', [varied[i], bare], cpuMs));
  add(findings, `${front}, share of its processor that the transfer took`, '%', [moved, bare], busyPercent);
}

/** Compares latency at the same rate, which is far below the limit of both. */
async function compareLatency(
  front: Front, pair: RunningFront[], smallestRate: number, wires: Wires, tool: WireTool, findings: Findings,
): Promise<void> {
  const pace = ['--connections', '64', '--rate', String(paceBelow(smallestRate)), ...TIME];
  const [mine, others] = (await takeTurns(pair, wires, tool, pace)).map(samples => samples.map(({ report }) => report.latencyUs.p99));
  const [quiet, quietOther] = [lowerQuartile(mine), lowerQuartile(others)];
  const what = `${front}, p99 latency at two fifths of what the smallest can do`;
  findings.add(`${what}, quietest quarter of turns`, quiet, 'µs', { atMost: 1.1 }, { against: AGAINST, ratio: quiet / quietOther });
  findings.add(`${what}, all turns`, median(mine), 'µs', {}, { against: AGAINST, ...pairedRatio(mine, others) });
}

/** Repeats a load on each in turns, in alternating order: a slow machine slows all of them. */
export async function takeTurns(fronts: RunningFront[], wires: Wires, tool: WireTool, load: string[], turns = TURNS): Promise<Sample[][]> {
  const samples: Sample[][] = fronts.map(() => []);
  const there = [...fronts.entries()];
  const back = [...there].reverse();
  for (let turn = 0; turn < turns; turn += 1) {
    if (turn > 0 && turn % (turns / STARTS) === 0) {
      for (const front of fronts) await front.restart();
    }
    for (const [number, front] of turn % 2 ? back : there) {
      samples[number].push(await drive(front, wires, tool, load));
    }
  }
  return samples;
}

/** Runs a load from the client, and measures the proxy's CPU time. */
export async function drive(front: RunningFront, wires: Wires, tool: WireTool, load: string[]): Promise<Sample> {
  const before = cpuSeconds(front.pod);
  const report = await tool.run<DriveReport>(wires.client.enter, ['drive', '--target', `${front.address}:80`, ...load]);
  return { report: throwIfFailed(report), cpuSeconds: cpuSeconds(front.pod) - before };
}

/** Throws if a load had failures, because its figure would be wrong. */
export function throwIfFailed(report: DriveReport): DriveReport {
  const failed = Object.entries(report.failed).map(([kind, times]) => `${times} ${kind}`);
  if (failed.length > 0 || report.requests === 0) throw new Error(`of ${report.requests} requests: ${failed.join(', ')}`);
  return report;
}

export const perSecond = ({ report }: Sample) => report.requests / report.seconds;
const cpuEach = ({ report, cpuSeconds: cpu }: Sample) => cpu / report.answered * 1e6;
const cpuMs = (sample: Sample) => cpuEach(sample) / 1000;
const gibPerSecond = ({ report }: Sample) => 1e6 / report.latencyUs.max;
/** Percent of its processor that the proxy used. If it is low, client or backend are the bottleneck. */
const busyPercent = (sample: Sample) => cpuEach(sample) * perSecond(sample) / 1e4;

function add(findings: Findings, what: string, unit: string, [ours, smallest]: Sample[][], figure: (sample: Sample) => number, goal = {}): void {
  const mine = ours.map(figure);
  findings.add(what, median(mine), unit, goal, { against: AGAINST, ...pairedRatio(mine, smallest.map(figure)) });
}

/** Two fifths of the smallest configuration's rate, in whole thousands. */
function paceBelow(smallestRate: number): number {
  return Math.max(1, Math.floor(smallestRate * 0.4 / 1000)) * 1000;
}
