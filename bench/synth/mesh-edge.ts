// compares MeshEdge with the same objects written by hand
import { deepStrictEqual } from 'node:assert';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { edgeNumber, makeMeshEdge } from './edge';
import type { Findings } from '../findings';
import { inTurns, retainedBytes } from '../measure';
import { OUT_FOLDER } from '../programs';
import { makeHandWrittenEdge, manifestsOf, partsOf } from './hand-written/edge';

/** Rounds before the measurement, enough for the compiler to optimize all code. */
const WARM_UP = 30;
const ROUNDS = 30;

/** Edges in a round: the garbage collector does not run for each edge. */
const EDGES = 10;
const KEPT = 100;

const BY_HAND = 'the same objects written by hand with cdk8s-plus in one chart';

export function measureEdge(findings: Findings): void {
  const edges = Array.from({ length: (WARM_UP + ROUNDS) * EDGES }, (_, number) => edgeNumber(number));
  const parts = edges.map(partsOf);
  const ours = (app: App, edge: number) => makeMeshEdge(app, edges[edge]);
  // a copy, because a real program would read the texts from files
  const byHand = (app: App, edge: number) => makeHandWrittenEdge(app, edges[edge].services, structuredClone(parts[edge]));
  // the comparison is valid only if both make the same manifests
  deepStrictEqual(manifestsOf(app => byHand(app, 0)), manifestsOf(app => ours(app, 0)));

  inTurns(WARM_UP, round => synthesizeRound(ours, round), round => synthesizeRound(byHand, round));
  const [one, other] = inTurns(ROUNDS, round => synthesizeRound(ours, WARM_UP + round), round => synthesizeRound(byHand, WARM_UP + round));
  findings.add('MeshEdge (T3, 2 nodes, 3 hosts), CPU time', one / EDGES, 'ms', { atMost: 1.7 }, { against: BY_HAND, ratio: one / other });

  const [kept, keptByHand] = [ours, byHand].map(make => retainedBytes(KEPT, edge => synthesize(make, edge)) / 1024);
  findings.add('MeshEdge, memory until its App is let go', kept, 'KiB', { atMost: 1.5 }, { against: BY_HAND, ratio: kept / keptByHand });
}

type Make = (app: App, edge: number) => void;

function synthesizeRound(make: Make, round: number): void {
  for (let edge = round * EDGES; edge < (round + 1) * EDGES; edge += 1) {
    synthesize(make, edge);
  }
}

function synthesize(make: Make, edge: number): App {
  const app = new App({ outdir: join(OUT_FOLDER, 'edge') });
  make(app, edge);
  app.synth();
  return app;
}
