// the example ha-edge as an older version of this library wrote it
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readObjects } from '../cluster/objects';
import { Example, HA_EDGE } from '../edge/examples';

/**
 * `git show 81b7d9a:examples/ha-edge/dist/edge.k8s.yaml`. A newer library replaces the pods of gateways, front proxies and virtual IPs.
 * Both hand the address over seamlessly: without that, each move breaks the connections that are open.
 */
export const OLDER_LIBRARY: Example = { ...HA_EDGE, objects: () => readObjects(readFileSync(join(__dirname, 'older-library.k8s.yaml'), 'utf8')) };
