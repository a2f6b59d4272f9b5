// measures the cost of work: CPU time, memory, and the ratio of two works that take turns

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../lab/figures';

export interface Cost {
  /** User and system time of the process, with its garbage collector and compiler. */
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

/** Median CPU time of a round of each work, in ms. They take turns: a slow machine slows both. */
export function inTurns(rounds: number, one: (round: number) => void, other: (round: number) => void): [number, number] {
  const costs: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    costs[0].push(costOf(() => one(round)).cpuMs);
    costs[1].push(costOf(() => other(round)).cpuMs);
  }
  return [median(costs[0]), median(costs[1])];
}

/** Bytes of the heap that one result of `make` keeps, as the mean of many. */
export function retainedBytes(count: number, make: (round: number) => unknown): number {
  const before = heapBytes();
  const kept = Array.from({ length: count }, (_, round) => make(round));
  const after = heapBytes();
  return (after - before) / kept.length;
}

/** Bytes of the heap after a garbage collection, which node allows behind a flag. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** The lower quartile. Of latencies, it is the part that the machine's other work has not disturbed. */
export function lowerQuartile(figures: number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 4)];
}

/** Median and middle half of the turns' ratios. A few disturbed turns change neither. */
export function pairedRatio(ours: number[], others: number[]): { ratio: number; spread: [number, number] } {
  const ratios = ours.map((figure, turn) => figure / others[turn]).sort((a, b) => a - b);
  const quarter = Math.floor(ratios.length / 4);
  return { ratio: median(ratios), spread: [ratios[quarter], ratios[ratios.length - 1 - quarter]] };
}
