// N sites of an HA edge by hand, an App each: the cost of the same objects in cdk8s and cdk8s-plus
import { join } from 'node:path';
import { App } from 'cdk8s';
import { edgeNumber } from '../edge';
import { makeHandWrittenEdge, partsOf } from '../hand-written/edge';

const edge = edgeNumber(0);
const parts = partsOf(edge);
for (let site = 0; site < Number(process.argv[2]); site += 1) {
  const app = new App({ outdir: join(process.env.CDK8S_OUTDIR!, `store-${site}`) });
  makeHandWrittenEdge(app, edge.services.slice(2), structuredClone(parts));
  app.synth();
}
