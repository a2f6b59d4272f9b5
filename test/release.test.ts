// what stops a release
import { checksOf, ReleaseState, versionOf } from '../scripts/release-checks';

const READY: ReleaseState = {
  changelog: '# Changelog\n\n## 1.2.3 (2026-12-31)\n\n- new\n\n## 1.2.2 (2026-11-30)\n',
  uncommitted: [],
  commit: 'abc',
  tags: ['v1.2.2'],
  verdict: { commit: 'abc', passed: 2000, failed: 0 },
  apiAccepted: true,
  author: 'https://git.test/x',
  repository: 'https://git.test/x/y.git',
  images: ['docker.io/library/nginx:1.30.6@sha256:' + '0'.repeat(64)],
  readmes: { 'README.md': 'npm i y' },
};
const failedOf = (change: Partial<ReleaseState>) => Object.values(checksOf({ ...READY, ...change })).filter(wrong => wrong !== '');

test('a clone that is ready passes', () => expect(failedOf({})).toEqual([]));

test.each<[string, Partial<ReleaseState>, string]>([
  ['a changed file', { uncommitted: [' M README.md'] }, '1 files are not committed'],
  ['a section without a day', { changelog: '## 1.2.3 (unreleased)\n' }, '1.2.3 is "unreleased"; write the day'],
  ['a tag that exists', { tags: ['v1.2.3'] }, 'the tag v1.2.3 exists'],
  ['no verdict', { verdict: undefined }, 'test-reports/verdict.json is missing; run bash .ci/run'],
  ['a verdict on another commit', { verdict: { commit: 'def', passed: 1, failed: 0 } }, 'it ran for def'],
  ['a failed test', { verdict: { commit: 'abc', passed: 1, failed: 2 } }, '1 passed, 2 failed'],
  ['a run without tests', { verdict: { commit: 'abc', passed: 0, failed: 0 } }, '0 passed, 0 failed'],
  ['an API that is not accepted', { apiAccepted: false }, 'run npx ts-node -T scripts/accept-api.ts, and commit test/api/baseline.json'],
  ['an address in a reserved domain', { author: 'https://x.example' }, 'https://x.example'],
  ['a default image without a digest', { images: [...READY.images, 'docker.io/library/nginx:1.30.6'] }, 'run scripts/pin-images.sh where their registries can be reached'],
  ['a README of before the first release', { readmes: { 'docs/java.md': 'The package is not on Maven Central yet' } }, 'docs/java.md'],
])('fails on %s', (_, change, wrong) => expect(failedOf(change)).toEqual([wrong]));

test('fails on a CHANGELOG without a version', () => expect(() => versionOf('# Changelog\n\n## next\n')).toThrow('"## 1.2.3 (2026-12-31)"'));
