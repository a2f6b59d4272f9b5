// the figures that the full profile keeps: results.json for programs, results.md for readers

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashOf } from './cluster/cache';
import { Engines } from './cluster/engines';
import { machine, readFigures, writeFigures } from './figures';
import { Result, table, verdict } from './findings';

export interface KeptResult extends Result {
  /** The measured commit. `-dirty` means that there were uncommitted changes. */
  readonly commit: string;
  /** The engines in the images. */
  readonly engines: Engines;
  /** `scenarioHash` at the time of the measurement. */
  readonly scenarioHash: string;
}

export interface KeptResults {
  /** The machine of the last run. */
  readonly machine: string;
  readonly results: KeptResult[];
}

const JSON_FILE = join(__dirname, 'results.json');
export const RESULTS_PAGE = join(__dirname, 'results.md');

/** Writes results.md and results.json. Figures of the same scenarios and engines are replaced. */
export function keep(fresh: Result[], commit: string, engines: Engines, order: string[]): void {
  const measured = new Set(fresh.map(({ scenario }) => scenario));
  const results = [
    ...keptResults().results.filter(one => one.engines !== engines || !measured.has(one.scenario)),
    ...fresh.map(result => ({ ...result, commit, engines, scenarioHash: scenarioHash(result.scenario) })),
  ].sort((one, other) => order.indexOf(one.scenario) - order.indexOf(other.scenario));
  const kept = { machine: machine(), results };
  writeFigures(JSON_FILE, kept);
  writeFileSync(RESULTS_PAGE, pageOf(kept));
}

export function keptResults(): KeptResults {
  return readFigures<KeptResults>(JSON_FILE, { machine: '', results: [] });
}

/** The text of results.md. It marks a figure that was measured before its scenario changed. */
export function pageOf({ machine: measuredOn, results }: KeptResults): string {
  const hashes = new Map([...new Set(results.map(({ scenario }) => scenario))].map(scenario => [scenario, scenarioHash(scenario)]));
  const judge = (result: KeptResult) => result.scenarioHash === hashes.get(result.scenario)
    ? `${verdict(result)} at ${result.commit}, ${result.engines}` : `measured at ${result.commit}, ${result.engines}, **before the scenario changed**`;
  return `# What the lab measured

Written by \`npm run lab -- all\`, or by one scenario for its own lines (${measuredOn}, everything on one machine). Do not edit.
The first comment of \`lab/scenarios/<scenario>.ts\` says what the scenario does. [README.md](README.md) says what differs from
a real cluster. The last column says at which commit a figure was measured, and with which engines:

- oldest: Envoy 1.40, and Debian bookworm's HAProxy 2.6, nginx 1.22 and keepalived 2.2.7
- newest: Envoy 1.40, and HAProxy 3.2.26, nginx 1.30.6 and keepalived 2.3.4 of Debian's testing suite

The default image's keepalived, 2.4.3, cannot be run here.

${table(results, judge)}
`;
}

/** Hash of the scenario's file and of the scenarios and variants that it imports. */
export function scenarioHash(name: string): string {
  const files = new Set<string>();
  collect(join(__dirname, 'scenarios', `${name}.ts`), files);
  return hashOf(...[...files].sort().map(file => withoutComments(readFileSync(file, 'utf8'))));
}

/** What a scenario does: a comment that is reworded, or a file that moves, does not change what is measured. */
export function withoutComments(text: string): string {
  return text.replace(/^import\b[^;]*;\n/gm, '').replace(/^\s*(\/\/|\/?\*).*\n/gm, '');
}

function collect(file: string, files: Set<string>): void {
  if (files.has(file) || !existsSync(file)) return;
  files.add(file);
  const imported = [...readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g)].map(match => join(dirname(file), `${match[1]}.ts`));
  imported.filter(path => /^(scenarios|variants)$/.test(dirname(path).slice(__dirname.length + 1))).forEach(path => collect(path, files));
}
