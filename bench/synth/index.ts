// the cost of synthesis: an edge, a fleet, a cold start, the package, each compared with an alternative

import { rmSync } from 'node:fs';
import { measureColdStart, measurePackage } from './cold-start';
import { measureFleet, measureGrowth } from './fleet-time';
import { measureHelm } from './helm';
import { measureEdge } from './mesh-edge';
import type { Findings } from '../findings';
import { OUT_FOLDER } from '../programs';
import type { Suite } from '../suite';

/** The suites are short, so that each can run while the machine is idle. */
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
