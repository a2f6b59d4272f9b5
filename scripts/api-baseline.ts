// the public API that the next change is compared with: test/api/baseline.json, which is jsii's assembly without docs
import { spawnSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..');
export const BASELINE = join(ROOT, 'test/api/baseline.json');
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** What jsii-diff does not compare. */
const NOT_COMPARED = ['locationInModule', 'symbolId', 'readme', 'targets', 'dependencyClosure', 'metadata', 'keywords', 'bundled', 'author', 'repository', 'description', 'homepage'];

/** The compiled public API, as text for the baseline. */
export function currentApi(): string {
  return textOf(json(join(ROOT, '.jsii')));
}

/** The API of an assembly. A change of its docs only gives the same text. */
export function textOf(assembly: object): string {
  const text = JSON.stringify(assembly, (key, value) => {
    if (key === 'docs') return { stability: value.stability };
    if (key === 'fingerprint') return 'not compared'; // of everything, docs too; jsii-diff reads no assembly without it
    return NOT_COMPARED.includes(key) ? undefined : value;
  }, 1);
  return `${text}\n`;
}

/** What in the compiled API breaks users of an older one: jsii-diff's keys, such as `removed:cdk8s-istio-edge.MeshEdge.expose`. */
export function breaksUsersOf(older: string): string[] {
  // jsii-diff reads a package's folder, from where it finds the packages that it needs
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  try {
    const { name, version, jsii, peerDependencies } = json(join(ROOT, 'package.json'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, jsii, peerDependencies }));
    writeFileSync(join(folder, '.jsii'), older);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const program = join(ROOT, 'node_modules/.bin/jsii-diff');
    const { status, stdout, stderr } = spawnSync(program, [folder, '.', '--error-on=all', '--keys'], { cwd: ROOT, encoding: 'utf8' });
    // 0: nothing breaks users, 1: something does
    if (status !== 0 && status !== 1) throw new Error(stdout + stderr);
    return (stdout + stderr).split('\n').flatMap(line => /^err .*\[(.+)\]$/.exec(line)?.[1] ?? []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
