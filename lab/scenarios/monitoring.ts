// monitoring: a real Prometheus reads a real edge. Each fault raises its alert within 30 s, and the alert ends after the repair. Load and updates
// raise none. Each query of the dashboard returns data

import { undo, until } from '../cluster/commands';
import { withSettings } from '../cluster/network';
import { Prometheus } from '../cluster/prometheus';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { objectsOf } from '../edge/examples';
import { DashboardPanel, dashboardPanels, prometheusFiles } from '../edge/monitored-edge';
import { Bound, Findings } from '../findings';
import { MonitoringProfile } from '../profiles';
import { Scenario, ScenarioContext } from '../scenario';
import { now } from '../traffic/measure';
import { DOCUMENTED, FAULTS, MonitoredFault } from '../traffic/monitored-faults';
import { judgeQuietLoad } from '../traffic/quiet-load';
import { MONITORED } from '../variants/monitored';

const FIRES: Bound = { goal: 30 };

function ends(memory: number): Bound {
  return { limit: 20 + memory, because: `the edge heals within 10 s, two scrapes of each node${memory ? `, and ${memory} s in the past` : ''}` };
}

/** An alert about moves looks back ten minutes, so that it can follow any fault. */
const MOVES = 'IstioEdgeAddressMoves';

export const monitoring: Scenario = {
  name: 'monitoring',
  title: 'a real Prometheus: each fault raises its alert, load and updates raise none, the dashboard has data',
  run: async context => {
    const findings = new Findings('monitoring', context.profile);
    for (const [i, what] of context.profile.monitoring.entries()) {
      const edge = await context.edges.use(MONITORED[i], { gatewaysOn: 'worker' });
      await withSettings(edge.nodes.map(({ name }) => name), DOCUMENTED, () => watched(context, what, edge, findings));
    }
    return findings.results;
  },
};

async function watched(context: ScenarioContext, what: MonitoringProfile, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { cluster, progress } = context;
  const objects = objectsOf(edge.example);
  const prometheus = await Prometheus.start(cluster, progress, prometheusFiles(objects));
  const add: Findings['add'] = (criterion, ...figure) => findings.add(`${edge.example.name}: ${criterion}`, ...figure);
  try {
    const panels = dashboardPanels(objects);
    // a rate needs two scrapes
    await until('each query returns data', 40, async () => (await withoutData(prometheus, panels)).length === 0, 1000).catch(() => undefined);
    const empty = await withoutData(prometheus, panels);
    empty.forEach(title => progress.say(`no data: ${title}`));
    add(`panels of the dashboard without data, of ${panels.length}`, empty.length, 'panels', { goal: 0 });
    await judgeQuietLoad(context, edge, prometheus, what, add);
    for (const fault of FAULTS.filter(({ name }) => what.faults?.includes(name) ?? true)) {
      await raise(context, edge, prometheus, fault, add);
    }
    if (!what.faults) {
      const last = now();
      await until('the alert about moves ends', 900, async () => (await prometheus.firing()).length === 0, 1000);
      add('the alert about moves ends after the last fault', now() - last, 's', { limit: 620, because: 'it looks back ten minutes' });
    }
  } finally {
    await undo(() => prometheus.stop());
  }
}

/** Titles of panels with a query that returns nothing. */
async function withoutData(prometheus: Prometheus, panels: DashboardPanel[]): Promise<string[]> {
  const counts = await Promise.all(panels.map(({ targets }) => Promise.all(targets.map(async ({ expr }) => (await prometheus.query(expr)).length))));
  return panels.filter((_, i) => counts[i].includes(0)).map(({ title }) => title);
}

async function raise(
  { progress }: ScenarioContext, edge: EdgeUnderTest, prometheus: Prometheus, fault: MonitoredFault, add: Findings['add'],
): Promise<void> {
  const { name, alerts, patience = 0, memory = 0, harm } = fault;
  const fires = patience > 0 ? { limit: patience + 30, because: `it waits ${patience} s` } : FIRES;
  const isSilent = async (but?: string) => (await prometheus.firing()).every(alert => alert === but);
  await edge.settled();
  await until(`no alert is left before: ${name}`, 120, () => isSilent(alerts.includes(MOVES) ? undefined : MOVES), 500);
  const mend = await harm(edge);
  const began = now();
  const waiting = new Set<string>(alerts);
  const fired = new Map<string, number>();
  try {
    await until(`${name}: ${alerts.join()}`, patience + 60, async () => {
      (await prometheus.firing()).filter(alert => waiting.delete(alert)).forEach(alert => fired.set(alert, now() - began));
      return waiting.size === 0;
    }, 500).catch(() => undefined);
  } finally {
    await undo(mend);
  }
  const mended = now();
  await edge.settled(120);
  await until(`${name} is over`, 180, () => isSilent(MOVES), 500);
  const ended = now() - mended;
  const times = [...fired].map(([alert, seconds]) => `${alert} after ${seconds.toFixed(1)} s`).join(', ');
  progress.say(`${name}: ${times}; ended ${ended.toFixed(1)} s after the repair`);
  alerts.forEach(alert => add(`${name}: ${alert} fires`, fired.get(alert) ?? patience + 60, 's', fires));
  add(`${name}: alerts end after the repair`, ended, 's', ends(memory));
}
