// the engines in the images: from this machine's Debian, or from Debian's testing suite

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ENGINES_BIN } from './cache';
import { readOrEmpty } from './machine';

export type Engines = 'oldest' | 'newest';

/** The engines of a lab that is started now. A lab that is up keeps its engines. */
export const ENGINES = enginesOf(process.env.ENGINES || 'oldest');

/** The Debian suite that images are made from. */
export interface Suite {
  readonly name: string;
  /** Further arguments of mmdebstrap: lists of mirrors. */
  readonly sources: string[];
  /** Package → apt's argument with the pinned version. */
  readonly pins: ReadonlyMap<string, string>;
}

const OS = readOrEmpty('/etc/os-release');
const APT_SOURCES = '/etc/apt/sources.list.d/debian.sources';

const OLDEST: Suite = {
  // the engine tests use this machine's engines too
  name: (/^ID=debian$/m.test(OS) && /^VERSION_CODENAME=(\w+)$/m.exec(OS)?.[1]) || 'bookworm',
  sources: existsSync(APT_SOURCES) ? [APT_SOURCES] : [],
  pins: new Map(),
};

export const SUITE: Suite = ENGINES === 'newest' ? newest() : OLDEST;

/** Puts this suite's nft on PATH for kube-proxy and the scenarios. Call it before anything starts. */
export function takeNft(): void {
  if (ENGINES === 'newest') process.env.PATH = `${join(dirname(ENGINES_BIN), 'newest/bin')}:${process.env.PATH}`;
}

function newest(): Suite {
  const [name, ...packages] = readFileSync(join(__dirname, '../../scripts/newest-engines.txt'), 'utf8').trim().split('\n');
  return { name, sources: ['http://deb.debian.org/debian'], pins: new Map(packages.map(pinned => [pinned.split('=')[0], pinned])) };
}

function enginesOf(name: string): Engines {
  if (name !== 'oldest' && name !== 'newest') throw new Error(`invalid ENGINES ${JSON.stringify(name)}; expected oldest or newest`);
  return name;
}
