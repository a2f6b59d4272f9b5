// N sites of an HA edge as charts of one App: the simplest way in cdk8s
import { App } from 'cdk8s';
import { makeStore } from '../fleet';

const app = new App();
for (let site = 0; site < Number(process.argv[2]); site += 1) {
  makeStore(app, site, `store-${site}`);
}
app.synth();
