// the command line, the report and its exit codes
import { HELP, parseOptions, UsageError } from '../../packages/doctor/src/options';
import { exitCodeOf, jsonOf, textOf } from '../../packages/doctor/src/report';

test('reads dist by default', () => expect(parseOptions([])).toMatchObject({ manifests: ['dist'], output: 'text', timeoutSeconds: 30 }));

test('passes --context and --kubeconfig to kubectl', () =>
  expect(parseOptions(['--context', 'a', '--kubeconfig=b', 'one', 'two'])).toMatchObject({ kubectlFlags: ['--context=a', '--kubeconfig=b'], manifests: ['one', 'two'] }));

test.each([
  [['--nodes'], /nodes/], [['--output', 'xml'], /text or json, got xml/], [['--timeout', '0'], /at least 1, got 0/], [['--ignore', 'nix'], /no check has this code/],
])('fails on %p', (args, message) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(message);
});

test('the help names every option', () => {
  ['--node-checks', '--yes', '--image', '--namespace', '--output', '--ignore', '--strict', '--list-checks', '--context', '--kubeconfig', '--kubectl', '--timeout', '--help'].forEach(option => expect(HELP).toContain(option));
});

const finding = { code: 'node-taint', subject: 'node edge-1', what: 'it has a taint', got: 'a=b:NoSchedule', fix: 'remove it' };
const report = { findings: [], unchecked: [], state: [], checks: 3 };
const problem = { ...report, findings: [{ ...finding, severity: 'problem' as const }] };
const advice = { ...report, findings: [{ ...finding, severity: 'advice' as const }] };
const unasked = { ...report, unchecked: [{ what: 'nodes', why: 'forbidden' }] };

test.each([[report, false, 0], [problem, false, 1], [advice, false, 0], [advice, true, 1], [unasked, false, 2]])('exit code of %j, strict %p, is %p', (one, strict, code) =>
  expect(exitCodeOf(one, strict)).toBe(code));

test('people get subject, what, code, got and fix', () =>
  expect(textOf(problem)).toBe('PROBLEM node edge-1: it has a taint [node-taint]\n        got: a=b:NoSchedule\n        fix: remove it\n\n3 checks: 1 problem, 0 advice\n'));

test('people get the state of an edge that runs', () =>
  expect(textOf({ ...report, state: ['edge-1 holds 192.0.2.100'] })).toBe('now:\n        edge-1 holds 192.0.2.100\n\n3 checks: 0 problems, 0 advice\n'));

test('machines get the same', () => expect(JSON.parse(jsonOf(problem, 1))).toMatchObject({ version: 1, exitCode: 1, findings: [{ code: 'node-taint', severity: 'problem' }] }));
