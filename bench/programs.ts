// runs whole programs as a user does: `node main.js`, compiled from TypeScript before the measurement

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ts from 'typescript';
import type { Cost } from './measure';

const ROOT = join(__dirname, '..');

/** A folder inside the package, so that programs can import the package by its name. */
export const OUT_FOLDER = join(__dirname, '.run');

/** A program that runs longer has failed. */
const TIMEOUT_MS = 120_000;

/** Runs in the measured process and reports its cost at exit. */
const REPORT = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('fs').writeFileSync(process.env.BENCH_REPORT, String((user + system) / 1000));
});`;

/** Compiles files to JavaScript. The paths are relative to the root. */
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

/** Runs a compiled program, or JavaScript that is given as text. */
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
