// the example ha-edge as an older version of this library wrote it
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readObjects } from '../cluster/objects';
import { Example, HA_EDGE } from '../edge/examples';

/** `git show f2def9f:examples/ha-edge/dist/edge.k8s.yaml`: without seamless hand-over, metrics and liveness. Older ones have another health port. */
export const OLDER_LIBRARY: Example = { ...HA_EDGE, objects: () => readObjects(readFileSync(join(__dirname, 'older-library.k8s.yaml'), 'utf8')) };
