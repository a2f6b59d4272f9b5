// what synthesis costs: an edge, a fleet, a cold start, the package; each beside what a user would do instead

import { rmSync } from 'node:fs';
import { measureColdStart, measurePackage } from './cold-start';
import { measureFleet, measureGrowth } from './fleet-time';
import { measureHelm } from './helm';
import { measureEdge } from './mesh-edge';
import type { Findings } from '../findings';
import { OUT_FOLDER } from '../programs';
import type { Suite } from '../suite';

/** Short ones, so that each can be run when the machine is quiet. */
export const SYNTH: Suite[] = [
  suite('synth-edge', measureEdge),
  suite('synth-start', findings => { measureColdStart(findings); measurePackage(findings); }),
  suite('synth-fleet', measureFleet),
  suite('synth-growth', measureGrowth),
  suite('synth-helm', measureHelm),
];

function suite(name: string, measure: (findings: Findings, say: (text: string) => void) => void): Suite {
  return {
    name,
    async run(findings, say) {
      try {
        measure(findings, say);
      } finally {
        rmSync(OUT_FOLDER, { recursive: true, force: true });
      }
    },
  };
}
