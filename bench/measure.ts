// what a piece of work costs: CPU time, memory, and both of two things in turns

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../lab/figures';

export interface Cost {
  /** User and system time of the whole process, its garbage collector and compiler included; waiting for a core is not in it. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

export function costOf(work: () => void): Cost {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  work();
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs };
}

/** CPU time a round of each of two works, in milliseconds, taken in turns: what slows the machine down slows both. */
export function inTurns(rounds: number, one: (round: number) => void, other: (round: number) => void): [number, number] {
  const costs: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    costs[0].push(costOf(() => one(round)).cpuMs);
    costs[1].push(costOf(() => other(round)).cpuMs);
  }
  return [median(costs[0]), median(costs[1])];
}

/** Bytes of the heap that what `make` returns keeps, each, over many of them. */
export function retainedBytes(count: number, make: (round: number) => unknown): number {
  const before = heapBytes();
  const kept = Array.from({ length: count }, (_, round) => make(round));
  const after = heapBytes();
  return (after - before) / kept.length;
}

/** node has it, behind a flag. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** What a quarter of the figures stay below: of delays, those that nothing else on the machine has made longer. */
export function lowerQuartile(figures: number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 4)];
}

/** Of two things measured in turns: the median of the turns' ratios, and the middle half of them, which a few disturbed turns do not move. */
export function pairedRatio(ours: number[], others: number[]): { ratio: number; spread: [number, number] } {
  const ratios = ours.map((figure, turn) => figure / others[turn]).sort((a, b) => a - b);
  const quarter = Math.floor(ratios.length / 4);
  return { ratio: median(ratios), spread: [ratios[quarter], ratios[ratios.length - 1 - quarter]] };
}
