// which engines the images have: those of this machine's Debian, or those of Debian's testing suite

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ENGINES_BIN } from './cache';
import { readOrEmpty } from './machine';

export type Engines = 'oldest' | 'newest';

/** Of a lab that is started now; one that is up keeps its own. */
export const ENGINES = enginesOf(process.env.ENGINES || 'oldest');

/** What images of Debian are made from. */
export interface Suite {
  readonly name: string;
  /** Further arguments of mmdebstrap: lists of mirrors. */
  readonly sources: string[];
  /** Package → what apt is asked for, where a version is pinned. */
  readonly pins: ReadonlyMap<string, string>;
}

const OS = readOrEmpty('/etc/os-release');
const APT_SOURCES = '/etc/apt/sources.list.d/debian.sources';

const OLDEST: Suite = {
  // so that the lab's engines are the ones that judge the goldens
  name: (/^ID=debian$/m.test(OS) && /^VERSION_CODENAME=(\w+)$/m.exec(OS)?.[1]) || 'bookworm',
  sources: existsSync(APT_SOURCES) ? [APT_SOURCES] : [],
  pins: new Map(),
};

export const SUITE: Suite = ENGINES === 'newest' ? newest() : OLDEST;

/** kube-proxy and the scenarios find their nft by PATH; call it before anything starts. */
export function takeNft(): void {
  if (ENGINES === 'newest') process.env.PATH = `${join(dirname(ENGINES_BIN), 'newest/bin')}:${process.env.PATH}`;
}

function newest(): Suite {
  const [name, ...packages] = readFileSync(join(__dirname, '../../scripts/newest-engines.txt'), 'utf8').trim().split('\n');
  return { name, sources: ['http://deb.debian.org/debian'], pins: new Map(packages.map(pinned => [pinned.split('=')[0], pinned])) };
}

function enginesOf(name: string): Engines {
  if (name !== 'oldest' && name !== 'newest') throw new Error(`ENGINES is oldest or newest, got ${JSON.stringify(name)}`);
  return name;
}
