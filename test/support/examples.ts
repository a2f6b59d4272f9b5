// the examples' programs, synthesized as they stand in the tree
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../sandbox/synth';
import type { MeshEdge } from '../../src';

export const EXAMPLES = join(__dirname, '..', '..', 'examples');

export const EXAMPLE_NAMES = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'main.ts'))).sort();

/** Runs an example's program, which writes to `outdir`. */
export function synthesizeTo(outdir: string, example: string): void {
  process.env.CDK8S_OUTDIR = outdir;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  jest.isolateModules(() => require(join(EXAMPLES, example, 'main')));
  delete process.env.CDK8S_OUTDIR;
}

/** Text of an example's files by name, as it synthesizes now; never what is committed. */
export function synthesizedFiles(example: string): { [name: string]: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    synthesizeTo(outdir, example);
    return filesOf(outdir);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The edges of an example's program, which writes nothing. */
export function edgesOf(example: string): MeshEdge[] {
  let edges: MeshEdge[] = [];
  jest.isolateModules(() => {
    // the program's own copies of both packages
    /* eslint-disable @typescript-eslint/no-require-imports */
    const { App } = require('cdk8s') as typeof import('cdk8s');
    const library = require('cdk8s-istio-edge') as typeof import('../../src');
    App.prototype.synth = function (this: typeof App.prototype) {
      edges = this.node.findAll().filter(construct => construct instanceof library.MeshEdge);
    };
    require(join(EXAMPLES, example, 'main'));
    /* eslint-enable @typescript-eslint/no-require-imports */
  });
  return edges;
}

/** An example's files, as objects. */
export function synthesizedManifests(example: string): Manifest[] {
  return Object.values(synthesizedFiles(example)).flatMap(text => parseAllDocuments(text).map(document => document.toJS()));
}

export function filesOf(folder: string): { [name: string]: string } {
  return Object.fromEntries(readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}
