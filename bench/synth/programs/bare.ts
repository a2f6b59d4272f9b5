// N sites of twelve small cdk8s-plus objects, an App each: the cost of cdk8s itself
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';

for (let site = 0; site < Number(process.argv[2]); site += 1) {
  const app = new App({ outdir: join(process.env.CDK8S_OUTDIR!, `store-${site}`) });
  const chart = new Chart(app, 'store');
  for (let part = 0; part < 4; part += 1) {
    new kplus.ConfigMap(chart, `config-${part}`, { data: { store: `${site}` } });
    new kplus.Deployment(chart, `pods-${part}`, { containers: [{ image: 'registry.example.com/store:1', portNumber: 80 }] }).exposeViaService();
  }
  app.synth();
}
