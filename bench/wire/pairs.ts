// each engine with all that the library writes, against the same engine with the smallest configuration that works
import { GATEWAY_NAMES, minimal, synthesized, withoutLog } from './fronts';
import { startPod, cpuSeconds, Front } from './pod';
import { DriveReport, WireTool } from './tool';
import { FrontNode, Wires } from './wires';
import type { PodSandbox } from '../../test/engines/pod-sandbox';
import type { Findings } from '../findings';
import { lowerQuartile, median, pairedRatio } from '../measure';

/** The proxies' processor; everything else runs on the other one. */
export const PROXY_CPU = '0';
export const OTHER_CPU = '1';

const TURNS = 16;
const SECONDS = 0.7;
/** What else the machine does makes the tail of a long turn, and only of some short ones. */
const SHORT_TURNS = 48;
const SHORT_SECONDS = 0.15;
const GIB = 2 ** 30;
const AGAINST = 'its smallest configuration';

/** A front proxy that runs. */
export interface RunningFront extends FrontNode {
  readonly pod: PodSandbox;
}

/** What one load has shown. */
interface Sample {
  readonly report: DriveReport;
  /** CPU time of the proxy. */
  readonly cpuSeconds: number;
}

/** As the library writes it, with one thread. */
export async function startOurs(wires: Wires, front: Front, change: typeof withoutLog = (_, same) => same): Promise<RunningFront> {
  const place = await wires.addFront(...GATEWAY_NAMES);
  const pod = change(front, synthesized(front, { concurrency: 1 }));
  return { ...place, pod: wires.keep(await startPod(place.node, front, pod, PROXY_CPU)) };
}

async function startSmallest(wires: Wires, front: Front): Promise<RunningFront> {
  const place = await wires.addFront();
  return { ...place, pod: wires.keep(await startPod(place.node, front, minimal(front, place.backend), PROXY_CPU)) };
}

/** Four loads, each in turns over both; new connections also without the access log, which writes a line for each. */
export async function comparePair(front: Front, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const ours = await startOurs(wires, front);
  const smallest = await startSmallest(wires, front);
  const silent = await startOurs(wires, front, withoutLog);
  const inTurns = (...load: string[]) => takeTurns([ours, smallest], wires, tool, load);
  const time = ['--warm-up', '100ms', '--duration', `${SECONDS}s`];

  const kept = await inTurns('--connections', '64', ...time);
  add(findings, `${front}, requests over 64 open connections`, '1/s', kept, perSecond, { atLeast: 0.95 });
  add(findings, `${front}, CPU time a request`, 'µs', kept, cpuEach);
  add(findings, `${front}, share of its processor that requests took`, '%', kept, busyPercent);

  const [fresh, bare, unlogged] = await takeTurns([ours, smallest, silent], wires, tool, ['--connections', '32', '--fresh', ...time]);
  add(findings, `${front}, new connections, each with one request`, '1/s', [fresh, bare], perSecond, { atLeast: 0.95 });
  add(findings, `${front}, new connections, without the access log`, '1/s', [unlogged, bare], perSecond);
  add(findings, `${front}, CPU time a connection`, 'µs', [fresh, bare], cpuEach);
  add(findings, `${front}, CPU time a connection, without the access log`, 'µs', [unlogged, bare], cpuEach);
  add(findings, `${front}, share of its processor that connections took`, '%', [fresh, bare], busyPercent);

  const moved = await inTurns('--connections', '1', '--bytes', String(GIB), '--count', '1', '--duration', '30s');
  add(findings, `${front}, a transfer of 1 GiB`, 'GiB/s', moved, ({ report }) => 1e6 / report.latencyUs.max, { atLeast: 0.95 });
  add(findings, `${front}, CPU time a GiB`, 'ms', moved, sample => cpuEach(sample) / 1000);
  add(findings, `${front}, share of its processor that the transfer took`, '%', moved, busyPercent);

  const rate = paceBelow(median(kept[1].map(perSecond)));
  const pace = ['--connections', '64', '--rate', String(rate), '--warm-up', '100ms', '--duration', `${SHORT_SECONDS}s`];
  addLatency(findings, `${front}, p99 latency at two fifths of what the smallest can do`, await takeTurns([ours, smallest], wires, tool, pace, SHORT_TURNS));
}

/** One load after the other on each, again and again, to and fro: what slows the machine down slows all of them, and none always comes first. */
async function takeTurns(fronts: RunningFront[], wires: Wires, tool: WireTool, load: string[], turns = TURNS): Promise<Sample[][]> {
  const samples: Sample[][] = fronts.map(() => []);
  const there = [...fronts.entries()];
  const back = [...there].reverse();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [number, front] of turn % 2 ? back : there) {
      samples[number].push(await drive(front, wires, tool, load));
    }
  }
  return samples;
}

/** A load from the client, and what it has cost the proxy. */
export async function drive(front: RunningFront, wires: Wires, tool: WireTool, load: string[]): Promise<Sample> {
  const before = cpuSeconds(front.pod);
  const report = await tool.run<DriveReport>(wires.client.enter, ['drive', '--target', `${front.address}:80`, ...load]);
  return { report: mustBeWhole(report), cpuSeconds: cpuSeconds(front.pod) - before };
}

/** A figure with failures in it is none. */
export function mustBeWhole(report: DriveReport): DriveReport {
  const failed = Object.entries(report.failed).map(([kind, times]) => `${times} ${kind}`);
  if (failed.length > 0 || report.requests === 0) throw new Error(`of ${report.requests} requests: ${failed.join(', ')}`);
  return report;
}

export const perSecond = ({ report }: Sample) => report.requests / report.seconds;
const cpuEach = ({ report, cpuSeconds: cpu }: Sample) => cpu / report.answered * 1e6;
/** Well below 100, something else was the bottleneck: client, backend, or their waking each other. */
const busyPercent = (sample: Sample) => cpuEach(sample) * perSecond(sample) / 1e4;

function add(findings: Findings, what: string, unit: string, [ours, smallest]: Sample[][], figure: (sample: Sample) => number, goal = {}): void {
  const mine = ours.map(figure);
  findings.add(what, median(mine), unit, goal, { against: AGAINST, ...pairedRatio(mine, smallest.map(figure)) });
}

/** Of the quietest quarter of turns on each side, which the goal is for, and of all turns. */
function addLatency(findings: Findings, what: string, turns: Sample[][]): void {
  const [mine, others] = turns.map(samples => samples.map(({ report }) => report.latencyUs.p99));
  const [quiet, quietOther] = [lowerQuartile(mine), lowerQuartile(others)];
  findings.add(`${what}, quietest quarter of turns`, quiet, 'µs', { atMost: 1.1 }, { against: AGAINST, ratio: quiet / quietOther });
  findings.add(`${what}, all turns`, median(mine), 'µs', {}, { against: AGAINST, ...pairedRatio(mine, others) });
}

/** In whole thousands. */
function paceBelow(most: number): number {
  return Math.max(1, Math.floor(most * 0.4 / 1000)) * 1000;
}
