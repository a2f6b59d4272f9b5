// the long run of the property tests: many valid edges, and what engines, parsers and an API server say of the first of them
import { execFileSync } from 'child_process';
import { writeFileSync } from 'fs';
import { join } from 'path';
import { parseArgs } from 'util';
import * as fc from 'fast-check';
import { ApiServer, textOf } from './valid-api-server';
import { edgeCase } from './valid-edges';
import type { EdgeCase } from './valid-edges';
import { judge } from './valid-engines';
import type { Verdict } from './valid-engines';
import { filesOf, manifestsOf } from './valid-properties';
import type { Manifest } from '../../sandbox/synth';
import { judgeUnderstanding } from '../parsers/understanding';
import { modelsOf } from '../parsers/valid-models';
import type { Models } from '../parsers/valid-models';

const HELP = `npm run properties -- [options]     as root: the verdicts need network namespaces

  --cases 10000     number of arbitrary valid edges. Each synthesizes twice
  --verdicts 1000   for so many of them, the engines judge every text and say what they understood, and an API server judges every manifest
  --seed N          the cases of another run, which printed this seed (default: a new one)
  --path N          only the case with this number; a failure is shrunk and printed
  --write           writes test/properties/results.md
  --help            prints this`;

const OPTIONS = {
  cases: { type: 'string', default: '10000' }, verdicts: { type: 'string', default: '1000' }, seed: { type: 'string' }, path: { type: 'string' },
  write: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} as const;

/** Cases that the API server judges by one call of kubectl, and parsers by one call of their program. */
const BATCH = 25;
const PROGRESS_MS = 10_000;

interface Finding { readonly path: number; readonly message: string }

interface Judged { readonly name: string; readonly text: string; readonly manifests: Manifest[]; readonly models: Models }

/** Counts and judges the cases of a run. */
class Run {
  public readonly findings: Finding[] = [];
  public readonly counts = new Map<string, number>();
  public cases = 0;
  public objects = 0;
  private batch: Judged[] = [];
  private readonly begun = Date.now();
  private shown = Date.now();

  constructor(private readonly verdicts: number, private readonly api: ApiServer | undefined) {}

  /** Tries a case. The number is the path by which fast-check finds it again. */
  public async try(wish: EdgeCase): Promise<void> {
    const path = this.cases++;
    try {
      const files = filesOf(wish);
      const manifests = manifestsOf(files);
      this.objects += manifests.length;
      if (path < this.verdicts) {
        this.collect(path, judge(manifests));
        await this.queue({ name: String(path), text: textOf(files), manifests, models: modelsOf(wish) });
      }
    } catch (error) {
      this.find(path, (error as Error).message);
    }
    this.showProgress();
  }

  private find(path: number, message: string): void {
    this.findings.push({ path, message });
    console.log(`case ${path}: ${message.slice(0, 500)}`);
  }

  /** Asks parsers and the API server about the cases that wait. */
  public async flush(): Promise<void> {
    const batch = this.batch;
    this.batch = [];
    judgeUnderstanding(batch.map(({ models }) => models)).forEach((verdicts, index) => this.collect(Number(batch[index].name), verdicts));
    if (batch.length === 0 || this.api === undefined) return;
    const complaints = await this.api.judge(batch);
    batch.forEach(({ manifests }) => this.count('kube-apiserver', manifests.length));
    complaints.forEach(message => this.find(Number(/\/cases\/(\d+)\.yaml/.exec(message)?.[1] ?? batch[0].name), message));
  }

  private collect(path: number, verdicts: Verdict[]): void {
    verdicts.forEach(({ judge: name }) => this.count(name.split(' ')[0], 1));
    verdicts.filter(({ complaint }) => complaint !== '').forEach(({ judge: name, object, complaint }) => this.find(path, `${name} of ${object}: ${complaint}`));
  }

  private async queue(one: Judged): Promise<void> {
    this.batch.push(one);
    if (this.batch.length >= BATCH || this.cases >= this.verdicts) await this.flush();
  }

  private count(name: string, more: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + more);
  }

  private showProgress(): void {
    if (Date.now() - this.shown < PROGRESS_MS) return;
    this.shown = Date.now();
    process.stderr.write(`properties: ${((Date.now() - this.begun) / 1000).toFixed(0)} s, ${this.cases} cases, ${this.findings.length} findings\n`);
  }
}

/** Prints the smallest case that fails as this one does. */
async function shrink(seed: number, path: string, api: ApiServer | undefined): Promise<void> {
  const fails = async (wish: EdgeCase) => {
    const one = new Run(1, api);
    await one.try(wish);
    await one.flush();
    if (one.findings.length > 0) throw new Error(one.findings[0].message);
  };
  const details = await fc.check(fc.asyncProperty(edgeCase(), fails), { seed, path, numRuns: 1 });
  console.log(details.failed ? `${fc.stringify(details.counterexample)}\n${String(details.errorInstance)}` : 'it passes alone');
}

/** One finding of each kind: kinds differ in their first words without names. */
function kindsOf(findings: Finding[]): Finding[] {
  const kindOf = ({ message }: Finding) => (/\] ([a-z-]+):/.exec(message)?.[1] ?? message.replace(/[\w.-]*\d[\w.-]*/g, '#')).slice(0, 60);
  return [...new Map(findings.map(finding => [kindOf(finding), finding])).values()];
}

function report(run: Run, seed: number): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: __dirname }).trim();
  const rows = [...run.counts].sort().map(([name, count]) => `| ${name} | ${count} |`);
  const facts = { 'commit': commit, 'seed': seed, 'valid edges': run.cases, 'objects': run.objects, 'findings': run.findings.length };
  return [
    '# Property tests: the last long run', '', 'Written by `npm run properties -- --write`.', '',
    '| fact | value |', '|---|---|', ...Object.entries(facts).map(([name, value]) => `| ${name} | ${value} |`), '',
    '| judge | verdicts |', '|---|---|', ...rows, '',
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(HELP);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const verdicts = Number(values.verdicts);
  const api = verdicts > 0 ? await ApiServer.start() : undefined;
  try {
    if (values.path !== undefined) return await shrink(seed, values.path, api);
    const run = new Run(verdicts, api);
    await fc.check(fc.asyncProperty(edgeCase(), wish => run.try(wish)), { seed, numRuns: Number(values.cases) });
    await run.flush();
    for (const { path } of kindsOf(run.findings)) console.log(`shrink it: npm run properties -- --seed ${seed} --path ${path}`);
    console.log(report(run, seed));
    if (values.write) writeFileSync(join(__dirname, 'results.md'), report(run, seed));
    process.exitCode = run.findings.length > 0 ? 1 : 0;
  } finally {
    await api?.stop();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
