// shared by the results of the lab and of the benchmarks: median, Markdown table, files of figures, name of the machine

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

export function median(figures: number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Pads the columns, so that the table is also readable in a terminal. */
export function markdownTable(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => row[i].length)));
  const line = (row: string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** Name of this machine in the results. */
export function machine(): string {
  return `${cpus().length} cores, Linux ${release().replace(/-.*/, '')}`;
}

/** Reads a file of figures; returns `none` when there is no file yet. */
export function readFigures<T>(file: string, none: T): T {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as T : none;
}

export function writeFigures(file: string, figures: object): void {
  writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
}
