// npm run bench: measures what this library costs, and keeps the figures

import { Findings, keep, KeptResult, table } from './findings';
import { SILENCE } from './silence';
import type { Suite } from './suite';
import { SYNTH } from './synth';
import { WIRE } from './wire';
import { currentCommit } from '../lab/figures';

const SUITES: Suite[] = [...SYNTH, ...WIRE, ...SILENCE];
const NAMES = SUITES.map(suite => suite.name);
const USAGE = `usage: npm run bench [-- SUITE…]
  Runs these suites, or all if none is named, and writes their figures to bench/results.md. bench/README.md explains each suite.
  synthesis: ${NAMES.filter(name => name.startsWith('synth')).join(', ')}
  traffic:   ${NAMES.filter(name => name.startsWith('wire')).join(', ')}; these need root, Go and the engines
  silence:   ${NAMES.filter(name => name.startsWith('silence')).join(', ')}; it needs the same`;

const begun = Date.now();

function say(text: string): void {
  process.stderr.write(`bench ${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

async function main(names: string[]): Promise<number> {
  if (names.some(name => ['help', '--help', '-h'].includes(name))) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const unknown = names.find(name => !NAMES.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no suite ${JSON.stringify(unknown)}\n${USAGE}\n`);
    return 2;
  }
  const chosen = SUITES.filter(suite => names.length === 0 || names.includes(suite.name));
  const commit = await currentCommit();
  const results: KeptResult[] = [];
  for (const suite of chosen) {
    const findings = new Findings(suite.name, say);
    await suite.run(findings, say);
    const fresh = findings.results.map(result => ({ ...result, commit }));
    keep(fresh, NAMES);
    results.push(...fresh);
  }
  process.stdout.write(`\n${table(results)}\n`);
  return 0;
}

main(process.argv.slice(2)).then(code => { process.exitCode = code; }, error => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
