// npm run scan: what it reads of the scanners' reports, and what makes it fail. The reports are excerpts of real ones
import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { fromCheckov, fromKubeScore, fromYamllint, judge } from '../scripts/scan-findings';
import type { Finding } from '../scripts/scan-findings';

const KUBE_SCORE = JSON.stringify([{
  object_name: 'edge-vip/apps/v1/DaemonSet', type_meta: { kind: 'DaemonSet', apiVersion: 'apps/v1' }, object_meta: { name: 'edge-vip' },
  checks: [
    { check: { id: 'pod-networkpolicy', name: 'Pod NetworkPolicy' }, grade: 1, skipped: false, comments: [{ path: '', summary: 'The pod does not have a matching NetworkPolicy' }] },
    {
      check: { id: 'container-resources', name: 'Container Resources' }, grade: 1, skipped: false, comments: [
        { path: 'keepalived', summary: 'CPU limit is not set' }, { path: 'handover', summary: 'CPU limit is not set' },
      ],
    },
    { check: { id: 'pod-probes', name: 'Pod Probes' }, grade: 7, skipped: false, comments: [{ path: '', summary: 'Container is missing a livenessProbe' }] },
    { check: { id: 'stable-version', name: 'Stable version' }, grade: 10, skipped: false, comments: null },
    { check: { id: 'container-seccomp-profile', name: 'Container Seccomp Profile' }, grade: 0, skipped: true, comments: null },
  ],
}]);

test('kube-score: one finding for each comment of a check that is not fully ok', () =>
  expect(fromKubeScore(KUBE_SCORE, 'a.yaml').map(({ check, subject }) => `${check}: ${subject}`)).toEqual([
    'pod-networkpolicy: DaemonSet edge-vip', 'container-resources: DaemonSet edge-vip keepalived', 'container-resources: DaemonSet edge-vip handover',
    'pod-probes: DaemonSet edge-vip',
  ]));
test('kube-score: a file without objects has none', () => expect(fromKubeScore('null', 'a.yaml')).toEqual([]));

const checkovReport = (parsing_errors: number) => JSON.stringify({
  results: {
    parsing_errors: ['/a.yaml'], failed_checks: [
      { check_id: 'CKV_K8S_43', check_name: 'Image should use digest', file_path: '/a.yaml', resource: 'DaemonSet.istio-ingress.edge-vip' },
      { check_id: 'CKV2_K8S_6', check_name: 'NetworkPolicy', file_path: '/a.yaml', resource: 'Pod.istio-ingress.edge-vip.app.kubernetes.io/name-keepalived' },
    ],
  },
  summary: { parsing_errors },
});

test('checkov: kind and name of an object, and of a workload\'s pod', () =>
  expect(fromCheckov(checkovReport(0)).map(({ subject }) => subject)).toEqual(['DaemonSet edge-vip', 'Pod edge-vip']));
test('fails for a file that checkov cannot read', () => expect(() => fromCheckov(checkovReport(1))).toThrow('checkov cannot read /a.yaml'));

test('yamllint: file, line and rule', () =>
  expect(fromYamllint('a/b.yaml:313:81: [error] line too long (129 > 80 characters) (line-length)\n')).toEqual([
    { tool: 'yamllint', check: 'line-length', file: 'a/b.yaml', subject: 'line 313', says: 'line too long (129 > 80 characters)' },
  ]));
test('fails for other output of yamllint', () => expect(() => fromYamllint('Traceback')).toThrow('unexpected output of yamllint: Traceback'));

describe('waivers', () => {
  const found = (subject: string): Finding => ({ tool: 'checkov', check: 'CKV_K8S_9', file: 'a.yaml', subject, says: 'no probe' });
  const waiver = { tool: 'checkov', check: 'CKV_K8S_9', on: 'DaemonSet .*-vip', reason: 'r' };

  test('cover what matches the whole subject', () =>
    expect(judge(['DaemonSet edge-vip', 'DaemonSet edge-vip-2', 'Deployment edge-vip'].map(found), [waiver]).open.map(({ subject }) => subject)).toEqual([
      'DaemonSet edge-vip-2', 'Deployment edge-vip',
    ]));
  test('cover what matches an alternative as a whole', () =>
    expect(judge(['Pod a', 'Pod ab', 'xPod b', 'Pod b'].map(found), [{ ...waiver, on: 'Pod a|Pod b' }]).open.map(({ subject }) => subject)).toEqual(['Pod ab', 'xPod b']));
  test('without a subject cover all subjects', () => expect(judge([found('x')], [{ ...waiver, on: undefined }])).toEqual({ open: [], unused: [] }));
  test('of another tool or check cover nothing, and are unused', () => {
    const others = [{ ...waiver, tool: 'kube-score' }, { ...waiver, check: 'CKV_K8S_8' }];
    expect(judge([found('DaemonSet edge-vip')], others)).toEqual({ open: [found('DaemonSet edge-vip')], unused: others });
  });
  test('fails for one without a reason', () => expect(() => judge([], [{ ...waiver, reason: '' }])).toThrow('the waiver of checkov CKV_K8S_9 has no reason'));
});

describe('npm run scan', () => {
  const bin = mkdtempSync(join(tmpdir(), 'scan-'));
  afterAll(() => rmSync(bin, { recursive: true }));

  /** What the script says, with scanners that find nothing. */
  function scan(kubeScore = 'echo null') {
    const scanners = { 'kube-score': kubeScore, 'checkov': `echo '${JSON.stringify({ results: { failed_checks: [] }, summary: { parsing_errors: 0 } })}'`, 'yamllint': 'true' };
    Object.entries(scanners).forEach(([name, text]) => writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 }));
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    return spawnSync('node', ['-r', 'ts-node/register/transpile-only', 'scripts/scan.ts'], { cwd: join(__dirname, '..'), encoding: 'utf8', env });
  }

  test('fails if waivers have no finding', () => {
    const { status, stdout } = scan();
    expect(stdout).toMatch(/ 0 findings, 0 not waived; \d+ waivers, [1-9]\d* without a finding\n$/);
    expect(status).toBe(1);
  });
  test('fails if a scanner fails', () => expect(scan('echo null; exit 2').stderr).toContain('kube-score failed with 2'));
});
