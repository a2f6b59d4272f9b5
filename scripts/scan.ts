// Runs the scanners over the YAML of examples and templates, and judges what they find. usage: scripts/scan.sh, which installs them
import { spawnSync } from 'child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { parse } from 'yaml';
import { fromCheckov, fromKubeScore, fromYamllint, judge } from './scan-findings';
import type { Finding, Waiver } from './scan-findings';

const WAIVERS = 'scripts/scan-waivers.yaml';

/** What a scanner writes. It exits with 1 if it finds something. */
function outputOf(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e9 });
  if (error || (status !== 0 && status !== 1)) throw new Error(`${command} failed with ${error ?? `${status}: ${stderr}`}`);
  return stdout;
}

/** All files at once, because checkov takes seconds to start. It has one folder, and with each file's path as its name. */
function checkov(files: string[]): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'scan-'));
  try {
    files.forEach(file => copyFileSync(file, join(folder, file.replaceAll('/', '+'))));
    const report = outputOf('checkov', '--skip-download', '--framework', 'kubernetes', '--compact', '--quiet', '--output', 'json', '--directory', folder);
    return fromCheckov(report).map(finding => ({ ...finding, file: finding.file.slice(1).replaceAll('+', '/') }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files = outputOf('git', 'ls-files', 'examples/*.yaml', 'templates/*.yaml').trim().split('\n');
const manifests = files.filter(file => file.endsWith('.k8s.yaml'));
const findings = [
  // each alone: objects of several examples have the same name
  ...manifests.flatMap(file => fromKubeScore(outputOf('kube-score', 'score', '--output-format', 'json', file), file)),
  ...checkov(manifests),
  ...fromYamllint(outputOf('yamllint', '--format', 'parsable', ...files)),
];
const waivers: Waiver[] = parse(readFileSync(WAIVERS, 'utf8'));
const { open, unused } = judge(findings, waivers);

const print = ({ tool, check, file, subject, says }: Finding) => console.log([tool, check, file, subject, says].filter(text => text !== '').join('  '));
(process.argv[2] === '--all' ? findings : open).forEach(print);
unused.forEach(({ tool, check, on }) => console.log(`waiver without a finding in ${WAIVERS}: ${tool} ${check}${on === undefined ? '' : ` on ${on}`}; remove it`));
console.log(`${files.length} files: ${findings.length} findings, ${open.length} not waived; ${waivers.length} waivers, ${unused.length} without a finding`);
process.exitCode = open.length + unused.length > 0 ? 1 : 0;
