// the rule engine-configuration asks the real engines, also without the rights of root
import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import { dirname, join } from 'path';
import { readManifests } from '../../../packages/doctor/src/edge/read';
import { EdgeValidation } from '../../../packages/doctor/src/validation/plugin';
import { engine, nginxModules } from '../../../sandbox/engines';
import type { EngineName } from '../../../sandbox/engines';
import { describeEngine } from '../../support/describe-engine';
import { EXAMPLE_NAMES } from '../../support/examples';
import { objectsOf } from '../healthy';

const FIXTURES = join(__dirname, 'fixtures/engine-configuration');
const ROOT = join(__dirname, '../../..');

const FILES: { readonly [name in EngineName]: string } = {
  envoy: 'front-envoy.yaml', haproxy: 'front-haproxy.cfg', nginx: 'front-nginx.conf', keepalived: 'keepalived.conf',
};

/** What this engine says: it comes first on the PATH, and the others get nothing to judge. */
function examine(name: EngineName, all: ReturnType<typeof readManifests>) {
  const modules = name === 'nginx' ? nginxModules() : '';
  const objects = all.filter(({ data }) => data?.[FILES[name]] !== undefined)
    .map(object => ({ ...object, data: { ...object.data, [FILES[name]]: modules + object.data[FILES[name]] } }));
  const path = process.env.PATH;
  process.env.PATH = `${dirname(engine(name)!)}:${path}`;
  try {
    return new EdgeValidation().examine(objects);
  } finally {
    process.env.PATH = path;
  }
}

/** The rules that a file breaks, asked by a user without rights. */
function asNobody(file: string): string {
  const program = `
    require('ts-node').register({ transpileOnly: true, compilerOptions: { module: 'node16', moduleResolution: 'node16' } });
    const { EdgeValidation } = require('./packages/doctor/src/validation/plugin');
    const { readManifests } = require('./packages/doctor/src/edge/read');
    process.stdout.write(new EdgeValidation().examine(readManifests([${JSON.stringify(file)}])).map(({ rule }) => rule).join());`;
  const { stdout, stderr } = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', program], {
    cwd: ROOT, encoding: 'utf8',
  });
  return stdout + stderr;
}

for (const name of ['envoy', 'haproxy', 'nginx', 'keepalived'] as const) {
  describeEngine(name, () => {
    test('refuses a wrong text, with the line', () => {
      const path = join(FIXTURES, `fails-${name}.yaml`);
      const broken = examine(name, readManifests([path]));
      expect(broken.map(({ rule }) => rule)).toEqual(['engine-configuration']);
      expect(`${broken[0].what} | ${broken[0].places[0].location}`).toMatch(new RegExp(/^# says: (.*)$/m.exec(readFileSync(path, 'utf8'))![1]));
    });

    test('accepts a right text', () => expect(examine(name, readManifests([join(FIXTURES, 'passes.yaml')]))).toEqual([]));

    test('accepts the examples', () => expect(EXAMPLE_NAMES.flatMap(example => examine(name, objectsOf(example))).map(({ what }) => what)).toEqual([]));

    // Envoy needs no rights to read a text, and is here in a folder of root's
    if (name !== 'envoy') {
      test('says the same to a user without rights', () => {
        expect(asNobody(join(FIXTURES, `fails-${name}.yaml`))).toBe('engine-configuration');
        expect(asNobody(join(FIXTURES, 'passes.yaml'))).toBe('');
      });
    }
  });
}
