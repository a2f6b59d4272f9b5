// makes the picture of the dashboard in docs/monitoring.md: the panels of a real edge during some faults, drawn by matplotlib

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Cluster } from './cluster/cluster';
import { run, sleep, undo } from './cluster/commands';
import { needPackages } from './cluster/host';
import { withSettings } from './cluster/network';
import { Progress } from './cluster/progress';
import { Prometheus } from './cluster/prometheus';
import { EdgeUnderTest } from './edge/edge-under-test';
import { Edges } from './edge/edges';
import { objectsOf } from './edge/examples';
import { DashboardPanel, dashboardPanels, prometheusFiles } from './edge/monitored-edge';
import { load, now } from './traffic/measure';
import { DOCUMENTED, FAULTS } from './traffic/monitored-faults';
import { MONITORED } from './variants/monitored';

const PYTHON = '/usr/bin/python3';
const PACKAGES = { '/usr/lib/python3/dist-packages/matplotlib/__init__.py': 'python3-matplotlib' };
const FILE = join(__dirname, '../docs/images/dashboard.png');

/** Seconds of each fault, and of the rest after it. */
const FAULT_SECONDS = 25;
const REST_SECONDS = 20;
const SHOWN = ['front proxy hangs', 'connections above 80 % of the limit', 'cable of the holder pulled'];

export async function dashboardPicture(cluster: Cluster, progress: Progress): Promise<boolean> {
  await needPackages(progress, PACKAGES);
  const edges = new Edges(cluster, progress);
  await edges.sweep();
  const edge = await edges.use(MONITORED[0], { gatewaysOn: 'worker' });
  const panels = await withSettings(edge.nodes.map(({ name }) => name), DOCUMENTED, () => record(edge, progress));
  mkdirSync(dirname(FILE), { recursive: true });
  await progress.stage('docs/images/dashboard.png', () => run([PYTHON, join(__dirname, 'draw-dashboard.py'), FILE], { input: JSON.stringify(panels) }));
  await edges.clear();
  return true;
}

/** The series of each panel, with faults in them. */
async function record(edge: EdgeUnderTest, progress: Progress): Promise<object[]> {
  const objects = objectsOf(edge.example);
  const prometheus = await Prometheus.start(edge.cluster, progress, prometheusFiles(objects));
  try {
    const start = now() + 10;
    const client = load(edge.cluster, edge.target(), 600, '--workers', '4', '--rate', '20');
    await sleep(REST_SECONDS * 1000);
    for (const { name, harm } of FAULTS.filter(fault => SHOWN.includes(fault.name))) {
      progress.say(name);
      const mend = await harm(edge);
      await sleep(FAULT_SECONDS * 1000);
      await undo(mend);
      await edge.settled();
      await sleep(REST_SECONDS * 1000);
    }
    await client.end();
    const end = now();
    const recorded = (panel: DashboardPanel) => Promise.all(panel.targets.map(async target => ({
      ...target, series: await prometheus.range(target.expr, start, end, 5),
    })));
    return await Promise.all(dashboardPanels(objects).map(async panel => ({ ...panel, targets: await recorded(panel) })));
  } finally {
    await undo(() => prometheus.stop());
  }
}
