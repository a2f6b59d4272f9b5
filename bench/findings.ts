// figures and what they are compared with: printed as a table, kept in results.md and results.json
// (this file is not results.ts, because node would confuse it with results.json)

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, markdownTable, readFigures, writeFigures } from '../lab/figures';

export interface Result {
  /** `<suite>: <what was measured>`. */
  readonly benchmark: string;
  readonly figure: number;
  readonly unit: string;
  /** What the figure is compared with. */
  readonly against?: string;
  /** Our figure divided by the other one. Both come from one run. */
  readonly ratio?: number;
  /** Range of the middle half of the turns' ratios. */
  readonly spread?: [number, number];
  readonly goal?: string;
  /** A figure without a goal is for information and always passes. */
  readonly pass: boolean;
}

export interface KeptResult extends Result {
  /** The measured commit. `-dirty` means that there were uncommitted changes. @default - measured before results named it */
  readonly commit?: string;
}

/** Bounds of the ratio, or of the figure if there is no ratio. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Comparison {
  readonly against: string;
  readonly ratio: number;
  readonly spread?: [number, number];
}

export class Findings {
  public readonly results: Result[] = [];

  constructor(private readonly suite: string, private readonly say: (text: string) => void) {}

  public add(what: string, figure: number, unit: string, goal: Goal = {}, comparison?: Comparison): void {
    const ratio = comparison && rounded(comparison.ratio);
    const judged = ratio ?? rounded(figure);
    const pass = judged <= (goal.atMost ?? Infinity) && judged >= (goal.atLeast ?? -Infinity);
    const text = goalText(goal, comparison ? '×' : unit);
    const result: Result = {
      benchmark: `${this.suite}: ${what}`, figure: rounded(figure), unit,
      ...(comparison && { against: comparison.against, ratio }), ...spreadOf(comparison), ...(text && { goal: text }), pass,
    };
    this.results.push(result);
    this.say(`${result.benchmark}: ${cellsOf(result).slice(1).filter(cell => cell).join(', ')}`);
  }
}

function spreadOf(comparison?: Comparison): Pick<Result, 'spread'> {
  const [low, high] = comparison?.spread ?? [];
  return low === undefined || high === undefined ? {} : { spread: [rounded(low), rounded(high)] };
}

function goalText({ atMost, atLeast }: Goal, unit: string): string {
  return [...(atMost === undefined ? [] : [`≤ ${atMost} ${unit}`]), ...(atLeast === undefined ? [] : [`≥ ${atLeast} ${unit}`])].join(', ');
}

/** Three digits: a shared machine gives no more precision. */
function rounded(figure: number): number {
  return Math.abs(figure) >= 100 ? Math.round(figure) : Number(figure.toPrecision(3));
}

function cellsOf(result: Result): string[] {
  const spread = result.spread ? ` (${result.spread.join(' to ')})` : '';
  const compared = result.ratio === undefined ? '' : `${result.ratio}${spread} × ${result.against}`;
  return [result.benchmark, `${result.figure} ${result.unit}`, compared, result.goal ?? '', result.goal === undefined ? '' : result.pass ? 'pass' : '**missed**'];
}

export function table(results: KeptResult[]): string {
  return markdownTable(['benchmark', 'figure', 'against', 'goal', '', 'commit'], results.map(result => [...cellsOf(result), result.commit ?? '']));
}

const JSON_FILE = join(__dirname, 'results.json');

/** Writes bench/results.md and bench/results.json. `order` has the names of all suites. */
export function keep(fresh: KeptResult[], order: string[]): void {
  const results = merge(kept(), fresh, order);
  writeFileSync(join(__dirname, 'results.md'), `# What the benchmarks measured

Written by \`npm run bench\`, or by one suite for its own lines: ${machine()}, Node.js ${process.versions.node}. Do not edit.
The machine is shared, and its speed changes: both sides of a ratio come from one run, in turns.
[README.md](README.md) explains each line.

${table(results)}
`);
  writeFigures(JSON_FILE, { results });
}

/** Fresh results replace the old ones of their suites. A suite that was skipped keeps its old ones. */
export function merge(old: KeptResult[], fresh: KeptResult[], order: string[]): KeptResult[] {
  const measured = new Set(fresh.map(suiteOf));
  return [...old.filter(result => !measured.has(suiteOf(result))), ...fresh]
    .sort((one, other) => order.indexOf(suiteOf(one)) - order.indexOf(suiteOf(other)));
}

function suiteOf({ benchmark }: Result): string {
  return benchmark.split(':')[0];
}

function kept(): KeptResult[] {
  return readFigures<{ results: KeptResult[] }>(JSON_FILE, { results: [] }).results;
}
