// makes the images and imports them into a containerd store; every node gets a copy, so no registry is needed

import { copyFileSync, chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Programs } from './build';
import { builtConfig, builtImage, builtLayer } from './built-image';
import { CACHE, contentOf, ENGINES_BIN, hashOf, produce, stampOf } from './cache';
import { run } from './commands';
import { ENGINES, SUITE } from './engines';
import { ImageRecipe, imageRecipes, labReference, repositoryOf } from './image-table';
import type { Node } from './node';
import { Progress } from './progress';
import { ENVOY_IMAGE } from '../../src/engines/envoy/process';
import { HAPROXY_IMAGE } from '../../src/engines/haproxy/process';
import { KEEPALIVED_IMAGE } from '../../src/engines/keepalived/process';
import { NGINX_IMAGE } from '../../src/engines/nginx/process';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const MINIMAL_SYSTEM = [
  'mmdebstrap', '--quiet', '--mode=root', '--variant=minbase', '--skip=cleanup/apt/lists',
  '--dpkgopt=path-exclude=/usr/share/doc/*', '--dpkgopt=path-exclude=/usr/share/man/*', '--dpkgopt=path-exclude=/usr/share/locale/*',
  // a mirror may serve a package list after the list has expired
  '--aptopt=APT::Sandbox::User "root"', '--aptopt=Acquire::Check-Valid-Until "false"',
];
/** Left out of the layer: devices, and files that only apt needs. */
const NOT_IN_LAYER = ['./dev/*', './var/lib/apt/lists/*', './var/cache/apt/*', './var/log/*', './etc/resolv.conf'];

export interface Layer {
  readonly file: string;
  readonly digest: string;
}

/** Makes a containerd store with all images, under the lab's and the library's default references. */
export async function makeImages(programs: Programs, progress: Progress): Promise<string> {
  if (ENGINES === 'newest' || !existsSync(join(ENGINES_BIN, 'envoy'))) {
    await progress.stage('fetch engines', () => run([join(__dirname, '../../scripts/install-engines.sh')], { seconds: 900 }));
  }
  const recipes = imageRecipes(programs);
  const base = await minimalSystem(progress);
  const layers = new Map<ImageRecipe, Layer[]>();
  for (const recipe of recipes) {
    layers.set(recipe, await layersOf(recipe, base, progress));
  }
  const tags = tagsOf(recipes);
  const inputs = JSON.stringify([[...layers.values()], recipes, [...tags]]);
  const hash = hashOf(readFileSync(join(__dirname, 'images/store.sh'), 'utf8'), inputs);
  return produce('store', hash, folder => progress.stage('fill the image store', () => fillStore(folder, layers, tags)));
}

/** Every image has the lab's reference. The library's default references are further tags. */
function tagsOf(recipes: ImageRecipe[]): Map<string, string[]> {
  const tags = new Map(recipes.map(({ repository, references = [] }) => [repository, [labReference(repository), ...references]]));
  for (const reference of [ENVOY_IMAGE, HAPROXY_IMAGE, NGINX_IMAGE, KEEPALIVED_IMAGE]) {
    const known = tags.get(repositoryOf(reference));
    if (!known) throw new Error(`lab/image-table.ts has nothing that stands in for the library's default image ${reference}`);
    known.push(reference);
  }
  return tags;
}

async function minimalSystem(progress: Progress): Promise<string> {
  const { name, sources } = SUITE;
  return produce('debian', hashOf(name, ...MINIMAL_SYSTEM, ...NOT_IN_LAYER), folder => progress.stage(`image layer: Debian ${name}`, async () => {
    await run([...MINIMAL_SYSTEM, name, join(folder, 'root'), ...sources], { seconds: 900 });
    const exclude = NOT_IN_LAYER.map(path => `--exclude=${path}`);
    await run(['tar', '-C', join(folder, 'root'), '--numeric-owner', '--sort=name', ...exclude, '-cf', join(folder, 'layer.tar'), '.']);
    await writeDigest(folder);
  }));
}

async function layersOf(recipe: ImageRecipe, debian: string, progress: Progress): Promise<Layer[]> {
  if (recipe.base === 'built') return [builtLayer(await builtImage(recipe.folder!, progress))];
  const below = recipe.base === 'debian' ? debian : undefined;
  const own = await ownLayer(recipe, below, progress);
  return [...below ? [readLayer(below)] : [], readLayer(own)];
}

async function ownLayer(recipe: ImageRecipe, base: string | undefined, progress: Progress): Promise<string> {
  const files = recipe.folder ? join(__dirname, 'images', recipe.folder) : undefined;
  const programs = Object.entries(recipe.programs ?? {});
  const packages = recipe.packages?.map(name => SUITE.pins.get(name) ?? name) ?? [];
  const inputs = JSON.stringify([base, packages, files && contentOf(files), programs.map(([path, program]) => [path, stampOf(program)])]);
  const hash = hashOf(readFileSync(join(__dirname, 'images/layer.sh'), 'utf8'), inputs);
  const name = `image-${repositoryOf(recipe.repository).replace(/\W/g, '_')}`;
  return produce(name, hash, folder => progress.stage(`image layer: ${recipe.repository}`, async () => {
    const staged = mkdtempSync(join(tmpdir(), 'lab-layer-'));
    try {
      chmodSync(staged, 0o755);
      programs.forEach(([path, program]) => place(program, join(staged, path)));
      if (files) await run(['cp', '-a', '--no-preserve=ownership', `${files}/.`, staged]);
      await writeLayer(packages, base, staged, folder);
    } finally {
      rmSync(staged, { recursive: true, force: true });
    }
    await writeDigest(folder);
  }));
}

async function writeLayer(packages: string[], base: string | undefined, staged: string, folder: string): Promise<void> {
  const out = join(folder, 'layer.tar');
  if (!base) {
    await run(['tar', '-C', staged, '--owner=0', '--group=0', '--mtime=@0', '--sort=name', '-cf', out, '.']);
    return;
  }
  const work = join(folder, 'work');
  mkdirSync(work);
  const script = join(__dirname, 'images/layer.sh');
  const argv = ['unshare', '--mount', '--propagation', 'private', 'bash', script, join(base, 'root'), work, out, staged, ...packages];
  await run(argv, { seconds: 600 });
  rmSync(work, { recursive: true, force: true });
}

function place(program: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  copyFileSync(program, at);
  chmodSync(at, 0o755);
}

async function writeDigest(folder: string): Promise<void> {
  const sum = await run(['sha256sum', join(folder, 'layer.tar')]);
  writeFileSync(join(folder, 'digest'), sum.slice(0, 64));
}

function readLayer(folder: string): Layer {
  return { file: join(folder, 'layer.tar'), digest: readFileSync(join(folder, 'digest'), 'utf8') };
}

/** Writes the images as one Docker archive with shared layers; a temporary containerd imports it. */
async function fillStore(folder: string, layers: Map<ImageRecipe, Layer[]>, tags: Map<string, string[]>): Promise<void> {
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--net'];
  await importImages(layers, tags, [...unshare, 'bash', join(__dirname, 'images/store.sh'), folder]);
}

/** Gives a program of this machine to a node that runs, as an image with nothing else. */
export async function importProgram(node: Node, recipe: ImageRecipe, progress: Progress): Promise<void> {
  const layer = readLayer(await ownLayer(recipe, undefined, progress));
  const tags = new Map([[recipe.repository, [labReference(recipe.repository)]]]);
  await importImages(new Map([[recipe, [layer]]]), tags, node.inside(['ctr', '-n', 'k8s.io', 'images', 'import', '-']));
}

async function importImages(layers: Map<ImageRecipe, Layer[]>, tags: Map<string, string[]>, command: string[]): Promise<void> {
  const archive = mkdtempSync(join(CACHE, 'half-made-archive-'));
  try {
    const manifest = [...layers].map(([recipe, own]) => ({
      Config: writeConfig(archive, recipe, own),
      RepoTags: tags.get(recipe.repository),
      Layers: own.map(layer => linkLayer(archive, layer)),
    }));
    writeFileSync(join(archive, 'manifest.json'), JSON.stringify(manifest));
    await run(['bash', '-o', 'pipefail', '-c', 'tar -C "$1" -cf - . | "${@:2}"', 'import', archive, ...command], { seconds: 600 });
  } finally {
    rmSync(archive, { recursive: true, force: true });
  }
}

function writeConfig(archive: string, recipe: ImageRecipe, layers: Layer[]): string {
  const config = recipe.base === 'built' ? builtConfig(dirname(layers[0].file)) : { ...recipe.config, Env: [PATH, ...recipe.config.Env ?? []] };
  const text = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(layer => `sha256:${layer.digest}`) },
  });
  const name = `${hashOf(text)}.json`;
  writeFileSync(join(archive, name), text);
  return name;
}

function linkLayer(archive: string, layer: Layer): string {
  const name = `${layer.digest}.tar`;
  if (!existsSync(join(archive, name))) linkSync(layer.file, join(archive, name));
  return name;
}
