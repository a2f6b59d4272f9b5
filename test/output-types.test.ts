// every output type of cdk8s writes the same objects, for every example
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { YamlOutputType } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { EXAMPLE_NAMES, synthesizedManifests, synthesizeTo } from './support/examples';
import type { Manifest } from '../sandbox/synth';

const OUTPUT_TYPES = ['FILE_PER_APP', 'FILE_PER_CHART', 'FILE_PER_RESOURCE', 'FOLDER_PER_CHART_FILE_PER_RESOURCE'] as const;

/** Runs an example's program, which writes to a folder below for each output type, with the metadata of its constructs. */
function synthesizeAllTypes(folder: string, example: string): void {
  jest.doMock('cdk8s', () => {
    const cdk8s = jest.requireActual('cdk8s');
    return {
      ...cdk8s,
      App: class extends cdk8s.App {
        synth() {
          for (const type of OUTPUT_TYPES) {
            Object.assign(this, { outdir: join(folder, type), yamlOutputType: YamlOutputType[type], recordConstructMetadata: true });
            super.synth();
          }
        }
      },
    };
  });
  synthesizeTo(folder, example);
  jest.dontMock('cdk8s');
}

function objectsIn(folder: string): Manifest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.yaml'));
  return files.flatMap(name => parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map(document => document.toJS()));
}

/** Files have an order of their own. */
function sorted(objects: Manifest[]): Manifest[] {
  return [...objects].sort((one, other) => JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
}

describe.each(EXAMPLE_NAMES)('example %s', example => {
  const folder = mkdtempSync(join(tmpdir(), 'output-types-'));
  let expected: Manifest[];
  beforeAll(() => {
    expected = synthesizedManifests(example);
    synthesizeAllTypes(folder, example);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(OUTPUT_TYPES)('has the same objects in output type %s', type =>
    expect(sorted(objectsIn(join(folder, type)))).toEqual(sorted(expected)));

  test.each(OUTPUT_TYPES)('is recorded by the names that its objects have in output type %s', type => {
    const { resources } = JSON.parse(readFileSync(join(folder, type, 'construct-metadata.json'), 'utf8'));
    expect(new Set(Object.keys(resources))).toEqual(new Set(expected.map(({ metadata }) => metadata.name)));
  });
});
