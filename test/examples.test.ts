// every example's committed output is what it synthesizes today, byte for byte
import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..');
const EXAMPLES = join(ROOT, 'examples');

const NAMES = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'main.ts'))).sort();

function filesOf(folder: string): { [name: string]: string } {
  return Object.fromEntries(readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}

function synthesize(example: string, outdir: string): void {
  process.env.CDK8S_OUTDIR = outdir;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  jest.isolateModules(() => require(join(EXAMPLES, example, 'main')));
  delete process.env.CDK8S_OUTDIR;
}

describe.each(NAMES)('example %s', example => {
  const dist = join(EXAMPLES, example, 'dist');

  test('synthesizes what is committed', () => {
    const outdir = process.env.UPDATE_GOLDEN === '1' ? dist : mkdtempSync(join(tmpdir(), 'example-'));
    synthesize(example, outdir);
    expect(filesOf(outdir)).toEqual(filesOf(dist));
  });

  test('has output that git does not ignore', () => {
    // 0: ignored, 1: not, 128: git could not tell
    expect(spawnSync('git', ['check-ignore', '--quiet', `${dist}/edge.k8s.yaml`], { cwd: ROOT }).status).toBe(1);
  });

  test('says at the top what it shows', () => expect(readFileSync(join(EXAMPLES, example, 'main.ts'), 'utf8')).toMatch(/^\/\/ \w/));
});

describe.each(NAMES)('the output of %s', example => {
  const text = Object.values(filesOf(join(EXAMPLES, example, 'dist'))).join('---\n');

  test('has no capability with a CAP_ prefix', () => expect(text).not.toMatch(/- CAP_/));
  test('runs nothing privileged', () => expect(text).not.toMatch(/privileged: true/));
  test('asks for no whole CPU', () => expect(text).not.toMatch(/cpu: (1000m|"?1"?)$/m));
  test('always pulls nothing', () => expect(text).not.toMatch(/imagePullPolicy: Always/));
});
