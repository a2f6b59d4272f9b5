// the structure of src/, held to what ARCHITECTURE.md says of it
import { readdirSync, readFileSync, statSync } from 'fs';
import { basename, dirname, join, relative } from 'path';

const SRC = join(__dirname, '..', 'src');

/** Which folders may be imported from where, beside a folder itself. */
const ARROWS: { readonly [folder: string]: string[] } = {
  'validation': [],
  'engines': ['validation'],
  'nodes': ['validation'],
  'workload': ['nodes', 'validation'],
  'gateway': ['workload', 'nodes', 'validation'],
  'front': ['gateway', 'workload', 'nodes', 'engines', 'validation'],
  'vip': ['workload', 'nodes', 'engines', 'validation'],
  'mesh-edge': ['front', 'gateway', 'vip', 'workload', 'nodes', 'validation'],
  'fleet': ['validation'],
};

/** Packages that a folder may use; the pure ones know nothing of constructs. */
const CONSTRUCT_PACKAGES = ['cdk8s', 'cdk8s-plus-27', 'constructs'];
const PACKAGES: { readonly [folder: string]: string[] } = {
  'validation': ['ipaddr.js', 'yaml'],
  'engines': ['ipaddr.js', 'yaml', 'fs', 'path'],
  'nodes': CONSTRUCT_PACKAGES,
  'workload': [...CONSTRUCT_PACKAGES, 'crypto'],
  'gateway': CONSTRUCT_PACKAGES,
  'front': CONSTRUCT_PACKAGES,
  'vip': CONSTRUCT_PACKAGES,
  'mesh-edge': [...CONSTRUCT_PACKAGES, 'crypto'],
  'fleet': [...CONSTRUCT_PACKAGES, 'fs', 'path'],
};

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const FILES = filesBelow(SRC).map(path => ({ path, name: relative(SRC, path), text: readFileSync(path, 'utf8') }));
const importsOf = (text: string) => [...text.matchAll(/^(?:import|export) .*?from '([^']+)';/gms)].map(match => match[1]);

test('every folder has its place', () => {
  const folders = readdirSync(SRC).filter(name => statSync(join(SRC, name)).isDirectory());
  expect(folders.sort()).toEqual(Object.keys(ARROWS).sort());
});

describe.each(FILES.filter(file => file.name.endsWith('.ts') && file.name !== 'index.ts'))('$name', ({ path, name, text }) => {
  const folder = name.split('/')[0];

  test('imports only along the arrows', () => {
    const internal = importsOf(text).filter(source => source.startsWith('.')).map(source => relative(SRC, join(dirname(path), source)).split('/')[0]);
    expect(internal.filter(target => target !== folder && !ARROWS[folder].includes(target))).toEqual([]);
  });
  test('uses only packages that its layer may', () => {
    expect(importsOf(text).filter(source => !source.startsWith('.') && !PACKAGES[folder].includes(source))).toEqual([]);
  });
  test('begins with the one reason why it exists', () => expect(text).toMatch(/^\/\/ \S/));
  test('is small', () => expect(text.split('\n').length).toBeLessThanOrEqual(300));
});

test('only one file patches what cdk8s-plus-27 writes', () =>
  expect(FILES.filter(file => file.text.includes('JsonPatch.')).map(file => file.name)).toEqual(['workload/kplus-patches.ts']));

test('only one file of the engines reads files: the programs beside it', () =>
  expect(FILES.filter(file => file.name.startsWith('engines/') && /from '(fs|path)'/.test(file.text)).map(file => file.name)).toEqual(['engines/script.ts']));

test('only workload knows the host network', () =>
  expect(FILES.filter(file => /hostNetwork: true|CLUSTER_FIRST_WITH_HOST_NET/.test(file.text)).map(file => dirname(file.name))).toEqual(['workload']));

test('index.ts does nothing but export', () => {
  const lines = FILES.find(file => basename(file.path) === 'index.ts' && !file.name.includes('/'))!.text.split('\n');
  expect(lines.filter(line => line !== '' && !/^(export|\/\/)/.test(line))).toEqual([]);
});
