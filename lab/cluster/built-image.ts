// images that a folder of images/ builds for users too

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, hashOf, produce } from './cache';
import { CommandFailed, run } from './commands';
import type { ImageConfig } from './image-table';
import type { Layer } from './images';
import { Progress } from './progress';

const IMAGES = join(__dirname, '../../images');

/** Builds the image into a folder. If no mirror has a pinned version any more, it gets the newest ones. */
export async function buildImage(name: string, into: string, say: (text: string) => void): Promise<void> {
  const script = join(IMAGES, name, 'build.sh');
  try {
    await run([script, into], { seconds: 250 });
  } catch (error) {
    if (!(error instanceof CommandFailed && error.stderr.includes('cannot be had'))) throw error;
    say(`images/${name}: building with the newest packages, because ${error.stderr.trim().split('\n').pop()}`);
    await run([script, '--newest', into], { seconds: 250 });
  }
}

/** The folder with `layer.tar`, from the cache if nothing has changed. */
export async function builtImage(name: string, progress: Progress): Promise<string> {
  return produce(`built-${name}`, hashOf(contentOf(join(IMAGES, name))), folder => progress.stage(`image: ${name}`, () => (
    buildImage(name, folder, text => progress.say(text)))));
}

export function builtConfig(folder: string): ImageConfig {
  return describedIn(folder).config;
}

export function builtLayer(folder: string): Layer {
  const [diffId] = describedIn(folder).rootfs.diff_ids;
  return { file: join(folder, 'layer.tar'), digest: diffId.slice('sha256:'.length) };
}

/** The part of an image's configuration that the lab uses. */
interface Described {
  readonly config: ImageConfig;
  readonly rootfs: { readonly diff_ids: string[] };
}

function describedIn(folder: string): Described {
  return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
}
