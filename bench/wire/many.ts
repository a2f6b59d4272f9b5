// compares the three engines with each other and with no proxy, from few open connections up to the limit
import { drive, perSecond, RunningFront, throwIfFailed } from './pairs';
import { fileLimit, Front, memoryBytes } from './pod';
import { DriveReport, WireTool } from './tool';
import { Wires } from './wires';
import { median } from '../../lab/figures';
import type { Findings } from '../findings';
import { pairedRatio } from '../measure';

const ROUNDS = 7;
/** Number of connections with a request in flight. All other open connections are silent. */
const IN_FLIGHT = 100;
/** File descriptors that are not for connections: listeners, logs, DNS, HAProxy's own reserve. */
const RESERVE = 1000;

const NO_PROXY = 'no proxy';

/** A proxied connection needs two file descriptors. */
export function mostConnections(): number {
  return Math.min(32_000, Math.floor((fileLimit('self') - RESERVE) / 2));
}

/** Measures all engines in turns. */
export async function compareEngines(fronts: Map<Front, RunningFront>, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const most = mostConnections();
  findings.add('file descriptors that a process may have here', fileLimit('self'), 'descriptors');
  findings.add('open connections that they are enough for, with a reserve', most, 'connections');
  for (const connections of [1, 100, 1000, most]) {
    const load = ['--connections', String(connections), '--in-flight', String(IN_FLIGHT), '--warm-up', '100ms', '--duration', '700ms'];
    const rates = new Map<string, number[]>([[NO_PROXY, []], ...[...fronts.keys()].map((front): [string, number[]] => [front, []])]);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.get(NO_PROXY)!.push(await directly(wires, tool, load));
      for (const [front, running] of fronts) {
        rates.get(front)!.push(perSecond(await drive(running, wires, tool, load)));
      }
    }
    const bare = rates.get(NO_PROXY)!;
    findings.add(`${NO_PROXY}, requests over ${connections} open connections`, median(bare), '1/s');
    fronts.forEach((_, front) => {
      const mine = rates.get(front)!;
      findings.add(`${front}, requests over ${connections} open connections`, median(mine), '1/s', {}, { against: NO_PROXY, ...pairedRatio(mine, bare) });
    });
  }
}

async function directly(wires: Wires, tool: WireTool, load: string[]): Promise<number> {
  const report = await tool.run<DriveReport>(wires.client.enter, ['drive', '--target', wires.direct, ...load]);
  return throwIfFailed(report).requests / report.seconds;
}

/** Measures a proxy's memory per open connection after one request, without the kernel's buffers. */
export async function measureMemory(fronts: Map<Front, RunningFront>, wires: Wires, tool: WireTool, findings: Findings): Promise<void> {
  const most = mostConnections();
  for (const [front, { pod, address }] of fronts) {
    const empty = memoryBytes(pod);
    const holding = tool.run<DriveReport>(wires.client.enter, [
      'drive', '--target', `${address}:80`, '--connections', String(most), '--in-flight', String(IN_FLIGHT), '--duration', '100ms', '--hold', '2s',
    ]);
    const full = await highest(holding, () => memoryBytes(pod));
    throwIfFailed(await holding);
    findings.add(`${front}, memory without a connection`, empty / 2 ** 20, 'MiB');
    findings.add(`${front}, memory for each of ${most} connections`, (full - empty) / most / 1024, 'KiB');
  }
}

async function highest(until: Promise<unknown>, look: () => number): Promise<number> {
  let over = false;
  void until.finally(() => (over = true)).catch(() => undefined);
  let found = 0;
  while (!over) {
    found = Math.max(found, look());
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return found;
}
