// what is made once and kept: folders outside the tree, named after a hash of what they were made from

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const BASE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk8s-istio-edge');

/** Where the engines of `scripts/install-engines.sh` are. */
export const ENGINES_BIN = join(process.env.EDGE_ENGINES_DIR ?? join(BASE, 'engines'), 'bin');

/** Everything of the lab that outlives a run. */
export const CACHE = join(BASE, 'lab');

/** Unused for so long, an old version goes. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

export function hashOf(...parts: string[]): string {
  const hash = createHash('sha256');
  parts.forEach(part => hash.update(part).update('\0'));
  return hash.digest('hex').slice(0, 16);
}

/** Content of every file in a folder and below, with its name; tests do not count. */
export function contentOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.includes('_test.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => `${file.slice(folder.length)}\n${readFileSync(file).toString('base64')}`)
    .join('\n');
}

/** What a large file is known by, without reading it. */
export function stampOf(file: string): string {
  const stat = statSync(file);
  return `${stat.size} ${stat.mtimeMs}`;
}

/** Makes a folder unless there is one of that name and hash. Half-made ones are never seen: the name comes last. */
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

/** Old versions of the same thing, and what an interrupted run left half made. */
function forgetOld(name: string): void {
  const isOld = new RegExp(`^(half-made-.*|${name}-[^-]+)$`);
  readdirSync(CACHE)
    .filter(entry => isOld.test(entry) && Date.now() - statSync(join(CACHE, entry)).mtimeMs > KEEP_MS)
    .forEach(entry => rmSync(join(CACHE, entry), { recursive: true, force: true }));
}
