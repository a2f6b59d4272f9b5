// what Kubernetes reads in a manifest: the parser of kubectl and the API server, and the types of the API
import { execFileSync } from 'child_process';
import { join } from 'path';
import type { Manifest } from '../../sandbox/synth';

/** The objects of a text; or why kubectl or the API server would refuse it. */
export interface Reading {
  readonly objects: Manifest[];
  readonly error: string;
}

/** Sends all texts to the Go program in test/kubernetes in one call. Go builds it at the first call and caches it. */
export function readByKubernetes(texts: string[]): Reading[] {
  const folder = join(__dirname, '..', 'kubernetes');
  // a build takes long on two busy cores
  const answer = execFileSync('go', ['run', '-mod=readonly', '.'], { cwd: folder, input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 2 ** 30, timeout: 600_000 });
  return JSON.parse(answer);
}
