// the cost before anything is synthesized: loading the library, and its size
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from '../../lab/figures';
import type { Findings } from '../findings';
import { compile, OUT_FOLDER, runProgram } from '../programs';

const ROOT = join(__dirname, '..', '..');
const EXAMPLE = 'examples/ha-edge/main.ts';
const LOADING_ALONE = "require('cdk8s'); require('cdk8s-plus-27');";
const ROUNDS = 10;

export function measureColdStart(findings: Findings): void {
  compile([EXAMPLE]);
  const outdir = join(OUT_FOLDER, 'cold-start');
  const rounds = Array.from({ length: ROUNDS }, () => [runProgram(EXAMPLE, outdir), runProgram(LOADING_ALONE, outdir)]);
  const ours = median(rounds.map(([example]) => example.cpuMs));
  const ratio = median(rounds.map(([example, loading]) => example.cpuMs / loading.cpuMs));
  findings.add('`node main.js` of examples/ha-edge, CPU time', ours, 'ms', { atMost: 2 }, { against: 'loading cdk8s and cdk8s-plus-27 alone', ratio });
}

export function measurePackage(findings: Findings): void {
  const [{ size }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  findings.add('package (npm pack)', size / 1000, 'kB', { atMost: 300 });
}
