// quiet-hour: an hour of load, with an update every quarter of an hour, in which a real Prometheus raises no alert

import { undo } from '../cluster/commands';
import { withSettings } from '../cluster/network';
import { Prometheus } from '../cluster/prometheus';
import { objectsOf } from '../edge/examples';
import { prometheusFiles } from '../edge/monitored-edge';
import { Findings } from '../findings';
import { Scenario } from '../scenario';
import { DOCUMENTED } from '../traffic/monitored-faults';
import { judgeQuietLoad, QuietLoad } from '../traffic/quiet-load';
import { MONITORED } from '../variants/monitored';

const HOUR: QuietLoad = { quietSeconds: 3600, updates: ['front-proxy', 'virtual-ip', 'front-proxy', 'virtual-ip'] };

export const quietHour: Scenario = {
  name: 'quiet-hour',
  title: 'a real Prometheus raises no alert in an hour of load and updates',
  run: async context => {
    const findings = new Findings('quiet-hour', context.profile);
    const edge = await context.edges.use(MONITORED[0], { gatewaysOn: 'worker' });
    await withSettings(edge.nodes.map(({ name }) => name), DOCUMENTED, async () => {
      const prometheus = await Prometheus.start(context.cluster, context.progress, prometheusFiles(objectsOf(edge.example)));
      try {
        await judgeQuietLoad(context, edge, prometheus, HOUR, findings.add.bind(findings));
      } finally {
        await undo(() => prometheus.stop());
      }
    });
    return findings.results;
  },
};
