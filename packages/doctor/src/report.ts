// findings → text for people, JSON for machines, an exit code for scripts
import { Finding } from './check';
import { Unchecked } from './facts';

/** All that the doctor says. */
export interface Report {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** What an edge that runs does now: full sentences. */
  readonly state: readonly string[];
  /** Number of checks that ran. */
  readonly checks: number;
}

/** 0: no problem. 1: problems. 2: something could not be checked, and no problem was found. */
export function exitCodeOf({ findings, unchecked }: Report, strict: boolean): number {
  return findings.some(({ severity }) => strict || severity === 'problem') ? 1 : unchecked.length > 0 ? 2 : 0;
}

/** The report for people. */
export function textOf(report: Report): string {
  const { findings, unchecked, state, checks } = report;
  const counts = (['problem', 'advice'] as const).map(severity => findings.filter(one => one.severity === severity).length);
  return [
    ...findings.flatMap(({ severity, code, subject, what, got, fix }) => [
      `${severity === 'problem' ? 'PROBLEM' : 'advice '} ${subject}: ${what} [${code}]`,
      ...got === undefined ? [] : [`        got: ${got}`],
      `        fix: ${fix}`,
      '',
    ]),
    ...state.length === 0 ? [] : ['now:', ...state.map(line => `        ${line}`), ''],
    ...unchecked.length === 0 ? [] : ['not checked:', ...unchecked.map(({ what, why }) => `        ${what}: ${why}`), ''],
    `${checks} checks: ${counts[0]} ${counts[0] === 1 ? 'problem' : 'problems'}, ${counts[1]} advice${unchecked.length === 0 ? '' : `, ${unchecked.length} not checked`}`,
  ].map(line => `${line}\n`).join('');
}

/** The report for machines. Its fields are stable. */
export function jsonOf(report: Report, exitCode: number): string {
  return `${JSON.stringify({ version: 1, exitCode, ...report }, undefined, 2)}\n`;
}
