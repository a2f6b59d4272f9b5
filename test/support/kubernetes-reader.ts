// what Kubernetes reads in a manifest: the parser of kubectl and the API server, and the types of the API
import { askGoProgram } from './go-program';
import type { Manifest } from '../../sandbox/synth';

/** The objects of a text; or why kubectl or the API server would refuse it. */
export interface Reading {
  readonly objects: Manifest[];
  readonly error: string;
}

/** Sends all texts to the Go program in test/kubernetes in one call. */
export function readByKubernetes(texts: string[]): Reading[] {
  return askGoProgram('kubernetes', texts);
}
