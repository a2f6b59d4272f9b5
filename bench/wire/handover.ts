// what the hand-over costs: while no address moves, and when a connection's packets are passed on
import { HandoverEdge } from './handover-edge';
import { PROXY_CPU, throwIfFailed } from './pairs';
import { Front, usedSeconds } from './pod';
import { DriveReport, Transfers, WireTool } from './tool';
import { median } from '../../lab/figures';
import { pause } from '../../sandbox/waiting';
import type { Findings } from '../findings';
import { lowerQuartile, pairedRatio } from '../measure';

const FRONTS: Front[] = ['envoy', 'haproxy'];
/** In each, every side has a turn of every load. */
const ROUNDS = 32;
const IDLE_SECONDS = 60;
const MOVES = 4;
/** Transfers on each connection after a move, in each direction. */
const TRANSFERS = 4;
const SIZE = 256 * 2 ** 20;
/** Of the links of client and nodes, in Gbit/s. Without it, the limit is the processors of this machine, which all nodes share. */
const LIMITS = [10, undefined];

/** The hand-over runs, does not run, and does not run in another turn: the third shows how exact the comparison is. */
const SIDES = ['with', 'without', 'without again'] as const;
type Side = typeof SIDES[number];

const TIME = ['--warm-up', '50ms', '--duration', '250ms'];

/** What is repeated with and without the hand-over. */
const LOADS = {
  requests: ['--connections', '64', ...TIME],
  connections: ['--connections', '32', '--fresh', ...TIME],
  paced: ['--connections', '64', '--rate', '5000', ...TIME],
  transfer: ['--connections', '1', '--bytes', String(SIZE), '--count', '1', '--duration', '30s'],
};
type Load = keyof typeof LOADS;

interface Sample {
  readonly report: DriveReport;
  /** CPU time of client, front proxies and backend. */
  readonly cpuSeconds: number;
}

type Samples = { readonly [load in Load]: { readonly [side in Side]: Sample[] } };

export async function measureHandover(tool: WireTool, findings: Findings): Promise<void> {
  for (const front of FRONTS) {
    const edge = await HandoverEdge.start(front, PROXY_CPU, tool);
    try {
      reportSteady(front, await takeRounds(edge, tool), findings);
      await edge.handOver(true);
      await measureRelay(front, edge, tool, findings);
      if (front === 'envoy') await measureIdle(edge, findings);
    } finally {
      await edge.remove();
    }
  }
}

/** The sides take turns in alternating order. The order also saves every second change of the hand-over. */
async function takeRounds(edge: HandoverEdge, tool: WireTool): Promise<Samples> {
  const none = () => ({ 'with': [], 'without': [], 'without again': [] });
  const samples: { [load in Load]: { [side in Side]: Sample[] } } = { requests: none(), connections: none(), paced: none(), transfer: none() };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of round % 2 ? [...SIDES].reverse() : SIDES) {
      await edge.handOver(side === 'with');
      for (const load of Object.keys(LOADS) as Load[]) samples[load][side].push(await drive(edge, tool, LOADS[load]));
    }
  }
  return samples;
}

async function drive(edge: HandoverEdge, tool: WireTool, load: string[]): Promise<Sample> {
  const before = edge.cpuSeconds();
  const report = throwIfFailed(await tool.run<DriveReport>(edge.client, ['drive', '--target', edge.target, ...load]));
  return { report, cpuSeconds: edge.cpuSeconds() - before + report.cpuSeconds };
}

const perSecond = ({ report }: Sample) => report.requests / report.seconds;
const cpuEach = ({ report, cpuSeconds }: Sample) => cpuSeconds / report.answered * 1e6;
const gibPerSecond = ({ report }: Sample) => SIZE / 2 ** 30 / report.latencyUs.max * 1e6;
const p99 = ({ report }: Sample) => report.latencyUs.p99;

function reportSteady(front: Front, samples: Samples, findings: Findings): void {
  const add = (what: string, unit: string, load: Load, figure: (sample: Sample) => number, goal = {}) => {
    const [mine, others, again] = SIDES.map(side => samples[load][side].map(figure));
    const name = `${front} with the hand-over, ${what}`;
    findings.add(name, median(mine), unit, goal, { against: 'without', ...pairedRatio(mine, others) });
    findings.add(`${front} without it, ${what}`, median(again), unit, {}, { against: 'without, in other turns', ...pairedRatio(again, others) });
  };
  add('requests over 64 open connections', '1/s', 'requests', perSecond, { atLeast: 0.95 });
  add('CPU time a request, of client, proxy and backend', 'µs', 'requests', cpuEach, { atMost: 1.05 });
  add('new connections, each with one request', '1/s', 'connections', perSecond, { atLeast: 0.95 });
  add('CPU time a connection, of client, proxy and backend', 'µs', 'connections', cpuEach, { atMost: 1.05 });
  add('a transfer of 256 MiB', 'GiB/s', 'transfer', gibPerSecond, { atLeast: 0.95 });
  const [mine, others, again] = SIDES.map(side => lowerQuartile(samples.paced[side].map(p99)));
  const what = 'p99 latency at 5000 requests a second, quietest quarter of turns';
  findings.add(`${front} with the hand-over, ${what}`, mine, 'µs', { atMost: 1.1 }, { against: 'without', ratio: mine / others });
  findings.add(`${front} without it, ${what}`, again, 'µs', {}, { against: 'without, in other turns', ratio: again / others });
}

/** Transfers after all moves: on connections that are passed on, and on connections of the new node. */
type Relayed = { readonly [kind in keyof Transfers]: { readonly first: number[]; readonly second: number[] } };

async function measureRelay(front: Front, edge: HandoverEdge, tool: WireTool, findings: Findings): Promise<void> {
  for (const gigabits of LIMITS) {
    edge.limit(gigabits);
    const seconds: Relayed = { downloads: { first: [], second: [] }, uploads: { first: [], second: [] } };
    for (let move = 0; move < MOVES; move += 1) await moveBetween(edge, tool, seconds);
    for (const [kind, { first, second }] of Object.entries(seconds)) {
      const rate = (times: number[]) => times.map(time => SIZE / 2 ** 30 / time);
      findings.add(`${front}, ${kind} of 256 MiB, ${gigabits ? `at ${gigabits} Gbit/s` : 'without a limit'}, passed on to the old node`, median(rate(first)), 'GiB/s',
        gigabits ? { atLeast: 0.9 } : {}, { against: 'a connection of the new node', ...pairedRatio(rate(first), rate(second)) });
    }
  }
}

/** The address moves between two connections: the packets of the first one are passed on after that. */
async function moveBetween(edge: HandoverEdge, tool: WireTool, seconds: Relayed): Promise<void> {
  let from = '';
  const load = ['--target', edge.target, '--bytes', String(SIZE), '--turns', String(TRANSFERS)];
  const report = await tool.pair(edge.client, load, async () => {
    from = await edge.move();
    if (edge.connections(from) !== 1) throw new Error(`${from} has ${edge.connections(from)} connections, not 1`);
  });
  for (const kind of ['downloads', 'uploads'] as const) {
    seconds[kind].first.push(...report.first[kind]);
    seconds[kind].second.push(...report.second[kind]);
  }
  await edge.startKeepalived(from);
  await pause(1_000); // an election
}

/** CPU time of the container while nothing happens. */
async function measureIdle(edge: HandoverEdge, findings: Findings): Promise<void> {
  const used = () => edge.containers.map(usedSeconds);
  const before = used();
  await pause(IDLE_SECONDS * 1_000);
  const after = used();
  findings.add('the idle container, CPU time a minute', Math.max(...after.map((seconds, i) => seconds - before[i])) * 60 / IDLE_SECONDS * 1_000, 'ms');
}
