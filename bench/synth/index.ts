// what synthesis costs: an edge, a fleet, a cold start, the package; each beside what a user would do instead

import { rmSync } from 'node:fs';
import { measureColdStart, measurePackage } from './cold-start';
import { measureFleet, measureGrowth } from './fleet-time';
import { measureHelm } from './helm';
import { measureEdge } from './mesh-edge';
import { OUT_FOLDER } from '../programs';
import type { Suite } from '../suite';

export const synth: Suite = {
  name: 'synth',
  async run(findings, say) {
    try {
      measureEdge(findings);
      measureGrowth(findings);
      measureFleet(findings);
      measureColdStart(findings);
      measurePackage(findings);
      measureHelm(findings, say);
    } finally {
      rmSync(OUT_FOLDER, { recursive: true, force: true });
    }
  },
};
