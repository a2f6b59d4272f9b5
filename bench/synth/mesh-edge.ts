// MeshEdge against the same objects by hand
import { deepStrictEqual } from 'node:assert';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { makeMeshEdge, THREE_SERVICES } from './edge';
import type { Findings } from '../findings';
import { inTurns, retainedBytes } from '../measure';
import { OUT_FOLDER } from '../programs';
import { makeHandWrittenEdge, manifestsOf, partsOf } from './hand-written/edge';

const WARM_UP = 40;
const ROUNDS = 60;
const KEPT = 100;

const BY_HAND = 'the same objects written by hand with cdk8s-plus in one chart';

export function measureEdge(findings: Findings): void {
  const parts = partsOf(THREE_SERVICES);
  const ours = (app: App) => makeMeshEdge(app, THREE_SERVICES);
  // its author's program reads the texts from files
  const byHand = (app: App) => makeHandWrittenEdge(app, THREE_SERVICES, structuredClone(parts));
  // a comparison of different things is none
  deepStrictEqual(manifestsOf(byHand), manifestsOf(ours));

  inTurns(WARM_UP, () => synthesize(ours), () => synthesize(byHand));
  const [one, other] = inTurns(ROUNDS, () => synthesize(ours), () => synthesize(byHand));
  findings.add('MeshEdge (T3, 2 nodes, 3 hosts), CPU time', one, 'ms', { atMost: 1.5 }, { against: BY_HAND, ratio: one / other });

  const [kept, keptByHand] = [ours, byHand].map(make => retainedBytes(KEPT, () => synthesize(make)) / 1024);
  findings.add('MeshEdge, memory until its App is let go', kept, 'KiB', { atMost: 1.5 }, { against: BY_HAND, ratio: kept / keptByHand });
}

function synthesize(make: (app: App) => void): App {
  const app = new App({ outdir: join(OUT_FOLDER, 'edge') });
  make(app);
  app.synth();
  return app;
}
