// shared by the results of the lab and of the benchmarks: median, Markdown table, files of figures, names of the machine and the commit

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { run } from './cluster/commands';

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

/** Files that a measurement writes. */
const RESULT_FILES = ['lab', 'bench'].flatMap(folder => [`${folder}/results.json`, `${folder}/results.md`]);

/** The commit of the working tree, before anything is measured. Changed results do not make it dirty. */
export async function currentCommit(): Promise<string> {
  const git = (...words: string[]) => run(['git', ...words], { cwd: __dirname }).then(text => text.trim());
  const commit = await git('rev-parse', '--short=7', 'HEAD').catch(() => 'unknown');
  const others = [':(top)', ...RESULT_FILES.map(file => `:(top,exclude)${file}`)];
  const changes = await git('status', '--porcelain', '--untracked-files=no', '--', ...others).catch(() => '');
  return changes === '' ? commit : `${commit}-dirty`;
}

/** Reads a file of figures; returns `none` when there is no file yet. */
export function readFigures<T>(file: string, none: T): T {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as T : none;
}

export function writeFigures(file: string, figures: object): void {
  writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
}
