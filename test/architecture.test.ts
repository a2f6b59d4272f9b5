// the structure of src/, as ARCHITECTURE.md describes it
import { readdirSync, readFileSync, statSync } from 'fs';
import { basename, dirname, join, relative } from 'path';

const SRC = join(__dirname, '..', 'src');

/** Which folders may be imported from where, beside a folder itself. */
const ARROWS: { readonly [folder: string]: string[] } = {
  'validation': [],
  'engines': ['validation'],
  'nodes': ['validation'],
  'workload': ['nodes', 'engines', 'validation'],
  'gateway': ['workload', 'nodes', 'validation'],
  'front': ['gateway', 'workload', 'nodes', 'engines', 'validation'],
  'vip': ['workload', 'nodes', 'engines', 'validation'],
  'monitoring': ['front', 'vip', 'workload', 'engines', 'validation'],
  'mesh-edge': ['monitoring', 'front', 'gateway', 'vip', 'workload', 'nodes', 'validation'],
  'fleet': ['validation'],
};

/** Packages that a folder may use. Pure folders use no construct package. */
const CONSTRUCT_PACKAGES = ['cdk8s', 'cdk8s-plus-27', 'constructs'];
const PACKAGES: { readonly [folder: string]: string[] } = {
  'validation': ['ipaddr.js'],
  'engines': ['ipaddr.js', 'fs', 'path'],
  'nodes': CONSTRUCT_PACKAGES,
  'workload': [...CONSTRUCT_PACKAGES, 'crypto'],
  'gateway': CONSTRUCT_PACKAGES,
  'front': CONSTRUCT_PACKAGES,
  'vip': CONSTRUCT_PACKAGES,
  'monitoring': [...CONSTRUCT_PACKAGES, 'crypto'],
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

test('every folder of src/ is listed here', () => {
  const folders = readdirSync(SRC).filter(name => statSync(join(SRC, name)).isDirectory());
  expect(folders.sort()).toEqual(Object.keys(ARROWS).sort());
});

const MODULES = FILES.filter(file => file.name.endsWith('.ts') && file.name !== 'index.ts').map(file => ({ ...file, folder: file.name.split('/')[0] }));

/** The imports that a folder may not have, as `file: import`. */
const offences = (forbidden: (source: string, module: typeof MODULES[number]) => boolean) => MODULES.flatMap(module =>
  importsOf(module.text).filter(source => forbidden(source, module)).map(source => `${module.name}: ${source}`));

test('files import only along the arrows', () =>
  expect(offences((source, { path, folder }) => {
    const target = relative(SRC, join(dirname(path), source)).split('/')[0];
    return source.startsWith('.') && target !== folder && !ARROWS[folder].includes(target);
  })).toEqual([]));

test('files use only the packages of their layer', () =>
  expect(offences((source, { folder }) => !source.startsWith('.') && !PACKAGES[folder].includes(source))).toEqual([]));

test('files begin with a comment that says why they exist', () =>
  expect(MODULES.filter(({ text }) => !/^\/\/ \S/.test(text)).map(({ name }) => name)).toEqual([]));

test('every export has a comment', () => {
  const uncommented = ({ name, text }: { readonly name: string; readonly text: string }) =>
    [...text.matchAll(/(?<!\*\/\n)^export (?!\*|\{|type \{).*$/gm)].map(([line]) => `${name}: ${line}`);
  expect(MODULES.flatMap(uncommented)).toEqual([]);
});

test('files have at most 300 lines', () =>
  expect(MODULES.filter(({ text }) => text.split('\n').length > 300).map(({ name }) => name)).toEqual([]));

test('only one file patches what cdk8s-plus-27 writes', () =>
  expect(FILES.filter(file => file.text.includes('JsonPatch.')).map(file => file.name)).toEqual(['workload/kplus-patches.ts']));

test('only one file of the engines reads files: the programs beside it', () =>
  expect(FILES.filter(file => file.name.startsWith('engines/') && /from '(fs|path)'/.test(file.text)).map(file => file.name)).toEqual(['engines/script.ts']));

test('only workload writes the host-network fields of a pod', () =>
  expect(FILES.filter(file => /hostNetwork: true|CLUSTER_FIRST_WITH_HOST_NET/.test(file.text)).map(file => dirname(file.name))).toEqual(['workload']));

test('index.ts does nothing but export', () => {
  const lines = FILES.find(file => basename(file.path) === 'index.ts' && !file.name.includes('/'))!.text.split('\n');
  expect(lines.filter(line => line !== '' && !/^(export|\/\/)/.test(line))).toEqual([]);
});
