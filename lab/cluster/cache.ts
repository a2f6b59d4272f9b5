// the cache of built folders, outside the repository: a folder's name has a hash of its inputs

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { enginesFolder } from '../../sandbox/engines';

const BASE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk8s-istio-edge');

/** Where `scripts/install-engines.sh` installs the engines. */
export const ENGINES_BIN = join(enginesFolder(), 'bin');

/** Everything that the lab keeps between runs. */
export const CACHE = join(BASE, 'lab');

/** An old version is removed after this time without use. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

export function hashOf(...parts: string[]): string {
  const hash = createHash('sha256');
  parts.forEach(part => hash.update(part).update('\0'));
  return hash.digest('hex').slice(0, 16);
}

/** Names and content of all files in a folder and below, without Go tests. */
export function contentOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.includes('_test.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => `${file.slice(folder.length)}\n${readFileSync(file).toString('base64')}`)
    .join('\n');
}

/** Size and time of a large file: identifies its content without reading it. */
export function stampOf(file: string): string {
  const stat = statSync(file);
  return `${stat.size} ${stat.mtimeMs}`;
}

/** Makes a folder unless the cache has it. Renames it at the end, so an unfinished one is never used. */
export async function produce(name: string, hash: string, make: (folder: string) => Promise<void>): Promise<string> {
  const place = join(CACHE, `${name}-${hash}`);
  if (!existsSync(place)) {
    mkdirSync(CACHE, { recursive: true });
    const half = mkdtempSync(join(CACHE, `half-made-${name}-`));
    try {
      await make(half);
      if (!existsSync(place)) renameSync(half, place);
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
    forgetOld(name);
  }
  const now = new Date();
  utimesSync(place, now, now);
  return place;
}

/** Removes old versions, and unfinished folders of interrupted runs. */
function forgetOld(name: string): void {
  const isOld = new RegExp(`^(half-made-.*|${name}-[^-]+)$`);
  readdirSync(CACHE)
    .filter(entry => isOld.test(entry) && Date.now() - statSync(join(CACHE, entry)).mtimeMs > KEEP_MS)
    .forEach(entry => rmSync(join(CACHE, entry), { recursive: true, force: true }));
}
