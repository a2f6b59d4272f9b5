// compares MeshEdge with the same objects written by hand
import { deepStrictEqual } from 'node:assert';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { edgeNumber, makeMeshEdge } from './edge';
import type { Findings } from '../findings';
import { inTurns, retainedBytes } from '../measure';
import { OUT_FOLDER } from '../programs';
import { makeHandWrittenEdge, manifestsOf, partsOf } from './hand-written/edge';

const WARM_UP = 40;
const ROUNDS = 60;
const KEPT = 100;

const BY_HAND = 'the same objects written by hand with cdk8s-plus in one chart';

export function measureEdge(findings: Findings): void {
  const edges = Array.from({ length: Math.max(WARM_UP + ROUNDS, KEPT) }, (_, number) => edgeNumber(number));
  const parts = edges.map(partsOf);
  const ours = (app: App, round: number) => makeMeshEdge(app, edges[round]);
  // a copy, because a real program would read the texts from files
  const byHand = (app: App, round: number) => makeHandWrittenEdge(app, edges[round].services, structuredClone(parts[round]));
  // the comparison is valid only if both make the same manifests
  deepStrictEqual(manifestsOf(app => byHand(app, 0)), manifestsOf(app => ours(app, 0)));

  inTurns(WARM_UP, round => synthesize(ours, round), round => synthesize(byHand, round));
  const [one, other] = inTurns(ROUNDS, round => synthesize(ours, WARM_UP + round), round => synthesize(byHand, WARM_UP + round));
  findings.add('MeshEdge (T3, 2 nodes, 3 hosts), CPU time', one, 'ms', { atMost: 1.7 }, { against: BY_HAND, ratio: one / other });

  const [kept, keptByHand] = [ours, byHand].map(make => retainedBytes(KEPT, round => synthesize(make, round)) / 1024);
  findings.add('MeshEdge, memory until its App is let go', kept, 'KiB', { atMost: 1.5 }, { against: BY_HAND, ratio: kept / keptByHand });
}

function synthesize(make: (app: App, round: number) => void, round: number): App {
  const app = new App({ outdir: join(OUT_FOLDER, 'edge') });
  make(app, round);
  app.synth();
  return app;
}
