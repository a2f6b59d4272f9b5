// load and updates without a fault: Prometheus must raise no alert

import { load, now } from './measure';
import { after, sleep } from '../cluster/commands';
import { Prometheus } from '../cluster/prometheus';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { rollOut } from '../edge/updates';
import { Findings } from '../findings';
import { ScenarioContext } from '../scenario';

export interface QuietLoad {
  /** How long there is only load, at least. */
  readonly quietSeconds: number;
  /** What is updated meanwhile, one after the other, at equal distances. */
  readonly updates: ('front-proxy' | 'virtual-ip')[];
}

/** Counts the alerts that fired meanwhile, and names them. */
export async function judgeQuietLoad(
  { cluster, progress }: ScenarioContext, edge: EdgeUnderTest, prometheus: Prometheus, { quietSeconds, updates }: QuietLoad, add: Findings['add'],
): Promise<void> {
  const begin = now();
  const sleepUntil = (share: number) => sleep(Math.max(0, begin + share * quietSeconds - now()) * 1000);
  const client = load(cluster, edge.target(), quietSeconds + 600, '--workers', '4', '--rate', '50');
  await after(async () => {
    for (const [i, component] of updates.entries()) {
      await rollOut(edge, component);
      await sleepUntil((i + 1) / updates.length);
    }
    await sleepUntil(1);
  }, async () => void await client.end());
  const seen = await client.end();
  const raised = await prometheus.query('count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[2h]))');
  raised.forEach(({ metric }) => progress.say(`under load: ${metric.alertname}`));
  add(`alerts in ${Math.round(seen.seconds)} s of load and ${updates.length} updates`, raised.length, 'alerts', { goal: 0 });
}
