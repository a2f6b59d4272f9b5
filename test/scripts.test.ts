// how scripts end, and what they write, with programs that stand in for those that they run
import { spawnSync } from 'child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const folders: string[] = [];
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true })));

/** A clone that has one script, and these files. What is in bin/ is found first. */
function cloneWith(script: string, files: { readonly [file: string]: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'script-'));
  folders.push(folder);
  ['scripts', 'src', 'docs', 'bin', 'test-reports'].forEach(name => mkdirSync(join(folder, name)));
  copyFileSync(join(__dirname, '../scripts', script), join(folder, 'scripts', script));
  Object.entries(files).forEach(([file, text]) => writeFileSync(join(folder, file), text, { mode: 0o755 }));
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  return {
    read: (file: string) => readFileSync(join(folder, file), 'utf8'),
    run: (...args: string[]) => spawnSync('bash', [join(folder, 'scripts', script), ...args], { cwd: folder, env, encoding: 'utf8' }),
  };
}

const program = (text: string) => `#!/bin/bash\n${text}\n`;

describe('pin-images.sh', () => {
  const digest = (digit: number) => `sha256:${String(digit).repeat(64)}`;

  test('writes the new digest of a tag over the old one', () => {
    // go run crane digest IMAGE
    const { run, read } = cloneWith('pin-images.sh', {
      'bin/go': program(`[ "$4" = docker.io/x/a:1 ] && echo ${digest(1)}`),
      'src/a.ts': `export const A_IMAGE = 'docker.io/x/a:1@${digest(0)}';\n`,
      'docs/versions.md': `\`docker.io/x/a:1@${digest(0)}\`\n`,
    });
    expect(run().status).toBe(0);
    expect(read('src/a.ts')).toBe(`export const A_IMAGE = 'docker.io/x/a:1@${digest(1)}';\n`);
    expect(read('docs/versions.md')).toBe(`\`docker.io/x/a:1@${digest(1)}\`\n`);
  });

  test('writes nothing if one image has no digest', () => {
    const images = 'export const A_IMAGE = \'docker.io/x/a:1\';\nexport const B_IMAGE = \'docker.io/x/b:1\';\n';
    const { run, read } = cloneWith('pin-images.sh', {
      'bin/go': program(`[ "$4" = docker.io/x/a:1 ] || { echo 'Error: 404' >&2; exit 1; }; echo ${digest(1)}`), 'src/a.ts': images, 'docs/versions.md': '',
    });
    const { status, stderr } = run();
    expect(stderr).toContain('FAILED  docker.io/x/b:1: no digest: Error: 404');
    expect(status).toBe(1);
    expect(read('src/a.ts')).toBe(images);
  });
});

describe('engine-tests.sh', () => {
  const report = (status: string) => JSON.stringify({ testResults: [{ name: 'a', status, assertionResults: [{ status }] }] });

  test.each([
    ['fails if a file fails twice', 'failed', 1],
    ['passes if the second try does', 'passed', 0],
  ])('%s', (_, second, status) => {
    const { run, read } = cloneWith('engine-tests.sh', {
      'first.json': report('failed'),
      'second.json': report(second),
      'bin/npx': program(`for arg; do case $arg in --outputFile=*.again) cp second.json "\${arg#*=}"; exit ${status};; --outputFile=*) cp first.json "\${arg#*=}"; exit 1;; esac; done`),
    });
    expect(run('report.json', 'x').status).toBe(status);
    expect(JSON.parse(read('report.json'))).toMatchObject({ secondTry: ['a'], numPassedTests: 1 - status, numFailedTests: status });
  });
});

describe('run-tests.sh', () => {
  /** Its exit code, if npx and the engine tests do this. */
  const statusOf = (npx: string, engines = 'true') =>
    cloneWith('run-tests.sh', { 'bin/npx': program(npx), 'scripts/engine-tests.sh': program(engines) }).run().status;

  test('passes if every part does', () => expect(statusOf('true')).toBe(0));
  test('fails if tests of engines fail', () => expect(statusOf('true', 'exit 3')).toBe(1));
  test.each([['unit tests fail', 'jest*'], ['the linter fails', '*eslint'], ['types of one folder are wrong', 'tsc*lab']])('fails if %s', (_, command) =>
    expect(statusOf(`case "$*" in ${command}) exit 1;; esac`)).toBe(1));
});
