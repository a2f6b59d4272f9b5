// whole programs, as a user starts them: `node main.js`, from TypeScript that is compiled before the clock starts

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';
import type { Cost } from './measure';

const ROOT = join(__dirname, '..');

/** Below the package, so that programs find it by its name. */
export const OUT_FOLDER = join(__dirname, '.run');

/** A program that runs longer is stuck. */
const TIMEOUT_MS = 120_000;

/** In the measured process: what it cost, once it is over. */
const REPORT = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('fs').writeFileSync(process.env.BENCH_REPORT, String((user + system) / 1000));
});`;

/** Compiles files, by their paths from the root, to JavaScript in the same folders. */
export function compile(files: string[]): void {
  for (const file of files) {
    const target = compiled(file);
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(OUT_FOLDER, 'report.js'), REPORT);
}

/** Runs a program that was compiled, or JavaScript that is given as text. */
export function runProgram(program: string, outdir: string, ...args: string[]): Cost {
  const file = program.endsWith('.ts') ? compiled(program) : join(OUT_FOLDER, 'text.js');
  if (!program.endsWith('.ts')) writeFileSync(file, program);
  const report = join(OUT_FOLDER, 'report.txt');
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--require', join(OUT_FOLDER, 'report.js'), file, ...args], {
    env: { ...process.env, CDK8S_OUTDIR: outdir, BENCH_REPORT: report }, timeout: TIMEOUT_MS, encoding: 'utf8',
  });
  const wallMs = performance.now() - begun;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { cpuMs: Number(readFileSync(report, 'utf8')), wallMs };
}

function compiled(file: string): string {
  return join(OUT_FOLDER, file.replace(/\.ts$/, '.js'));
}
