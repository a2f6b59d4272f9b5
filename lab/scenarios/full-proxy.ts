// full-proxy: a proxy at its connection limit refuses more connections, passes its health check, and keeps the virtual IP

import { sleep, until } from '../cluster/commands';
import { Example } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, load, probe, Running, watchHolders } from '../traffic/measure';
import { ProbeReport } from '../traffic/reports';
import { fewConnections, MOST_CONNECTIONS } from '../variants/few-connections';

/** Longer than the checks of keepalived and kubelet need to fail. */
const FULL_SECONDS = 12;
const MOST_SECONDS = 60;

export const fullProxy: Scenario = {
  name: 'full-proxy',
  title: 'a proxy at its connection limit keeps its VIP and answers health checks',
  run: async context => {
    const findings = new Findings('full-proxy', context.profile);
    for (const front of context.profile.faultyFronts) {
      await full(context, front.engine, findings);
    }
    return findings.results;
  },
};

async function full({ cluster, edges, progress }: ScenarioContext, engine: Example['engine'], findings: Findings): Promise<void> {
  const edge = await edges.use(fewConnections(engine));
  const holder = await edge.holder();
  // each worker holds a connection, or tries every two seconds to get one
  const workers = MOST_CONNECTIONS * 3;
  const filling = load(cluster, edge.target(), MOST_SECONDS, '--keep-alive', '--timeout', '1s', '--workers', String(workers), '--rate', String(workers / 2));
  await sleep(3000);
  const [late, health, holders] = await begun(
    probe(cluster, edge.target(), MOST_SECONDS, '--interval', '50ms'),
    Running.labtool<ProbeReport>(cluster, ['probe', '--target', '127.0.0.1:340', '--path', '/healthz', '--interval', '50ms'], MOST_SECONDS, holder),
    watchHolders(cluster, edge.example.address, MOST_SECONDS),
  );
  await sleep(FULL_SECONDS * 1000);
  const unready = (await edge.pods('front-proxy')).filter(pod => !pod.ready || pod.restarts > 0).length;
  const [refused, asked, held] = [await late.end(), await health.end(), await holders.end()];
  await filling.end();
  const freed = Date.now();
  await until(`${engine} takes connections again`, 30, () => edge.serves(holder));
  progress.say(`${engine}: ${refused.bad} of ${refused.probes} further connections refused while full, ${asked.bad} of ${asked.probes} health checks failed`);
  findings.add(`${engine}: connections accepted beyond the limit, of ${refused.probes}`, refused.probes - refused.bad, 'connections', { goal: 0 });
  findings.add(`${engine}: health checks failed while full, of ${asked.probes}`, asked.bad, 'checks', { goal: 0 });
  findings.add(`${engine}: moves of the VIP while full`, held.changes.length - 1, 'moves', { goal: 0 });
  findings.add(`${engine}: pods unready or restarted while full`, unready, 'pods', { goal: 0 });
  findings.add(`${engine}: takes connections again after the load has ended`, (Date.now() - freed) / 1000, 's', { limit: 2, because: 'at once, and the time of one request' });
}
