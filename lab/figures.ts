// what the results of the lab and of the benchmarks have in common: the median, a table in Markdown, files of figures, the machine

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

export function median(figures: number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A table whose columns line up, so that it reads well in a terminal too. */
export function markdownTable(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => row[i].length)));
  const line = (row: string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** This machine, as results name it. */
export function machine(): string {
  return `${cpus().length} cores, Linux ${release().replace(/-.*/, '')}`;
}

/** The content of a file of figures, or what stands for one that is not there yet. */
export function readFigures<T>(file: string, none: T): T {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as T : none;
}

export function writeFigures(file: string, figures: object): void {
  writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
}
