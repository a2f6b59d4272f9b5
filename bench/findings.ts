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
    const fine = judged <= (goal.atMost ?? Infinity) && judged >= (goal.atLeast ?? -Infinity);
    const text = goalText(goal, comparison ? '×' : unit);
    const result: Result = {
      benchmark: `${this.suite}: ${what}`, figure: rounded(figure), unit,
      ...(comparison && { against: comparison.against, ratio }), ...spreadOf(comparison), ...(text && { goal: text }), pass: fine,
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

export function table(results: Result[]): string {
  return markdownTable(['benchmark', 'figure', 'against', 'goal', ''], results.map(cellsOf));
}

const JSON_FILE = join(__dirname, 'results.json');

/** Writes bench/results.md and bench/results.json. New figures replace the old ones of the suite. */
export function keep(fresh: Result[], suite: string, order: string[]): void {
  const suiteOf = (result: Result) => result.benchmark.split(':')[0];
  const results = [...kept().filter(result => suiteOf(result) !== suite), ...fresh]
    .sort((one, other) => order.indexOf(suiteOf(one)) - order.indexOf(suiteOf(other)));
  writeFileSync(join(__dirname, 'results.md'), `# What the benchmarks measured

Written by \`npm run bench\`, or by one suite for its own lines: ${machine()}, Node.js ${process.versions.node}. Do not edit.
The machine is shared, and its speed changes: both sides of a ratio come from one run, in turns. What each line is, and what it is not, says [README.md](README.md).

${table(results)}
`);
  writeFigures(JSON_FILE, { results });
}

function kept(): Result[] {
  return readFigures<{ results: Result[] }>(JSON_FILE, { results: [] }).results;
}
