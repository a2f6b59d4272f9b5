// api-returns: the API server is down for a minute, and comes back. Kubernetes then takes every node for lost until its kubelet has reported, and no gateway
// is ready for some time, although all of them serve. What clients see of it

import { sleep, undo, until } from '../cluster/commands';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, longest, now, probe, watchHolders, whenAndWhat } from '../traffic/measure';
import { attacked } from '../variants/attacked';

/** Longer than the 40 s after which Kubernetes takes a node for lost. */
const DOWN_SECONDS = 60;
/** A kubelet's watches wait for up to half a minute before they connect again. */
const BACK_SECONDS = 120;

export const apiReturns: Scenario = {
  name: 'api-returns',
  title: 'the API server is down for a minute and comes back: no gateway is ready for a while, although all serve',
  run: async context => {
    const findings = new Findings('api-returns', context.profile);
    for (const { engine } of context.profile.faultyFronts) {
      const edge = await context.edges.use(attacked(engine), { gatewaysOn: 'worker' });
      await downAndBack(context, edge, findings);
    }
    return findings.results;
  },
};

async function downAndBack({ progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { cluster, example: { engine, address } } = edge;
  const { controlPlane } = cluster;
  const seconds = DOWN_SECONDS + BACK_SECONDS + 60;
  const [client, holders] = await begun(probe(cluster, edge.target(80), seconds, '--interval', '20ms'), watchHolders(cluster, address, seconds));
  await controlPlane.stopApiServer();
  try {
    await sleep(DOWN_SECONDS * 1000);
  } finally {
    await undo(async () => controlPlane.startApiServer());
  }
  const back = now();
  let lowest = Infinity;
  const watched = async () => {
    lowest = Math.min(lowest, await readyGateways(edge).catch(() => Infinity));
    return now() > back + BACK_SECONDS;
  };
  await until('the control plane has caught up', BACK_SECONDS + 30, watched, 500);
  await edge.settled(120);
  const [seen, held] = [await client.end(), await holders.end()];
  seen.outages.forEach(outage => progress.say(`${engine}: ${whenAndWhat(outage, back * 1000)}, counted from the API server's return`));
  progress.say(`${engine}: ${seen.bad} of ${seen.probes} lost; ${lowest} gateways were ready in the worst moment`);
  const name = `${engine}, API server down for ${DOWN_SECONDS} s`;
  findings.add(`${name}: outage meanwhile, worst`, longest(seen.outages.filter(({ at }) => at < back)), 's', { goal: 0 });
  findings.add(`${name}: outage after its return, worst`, longest(seen.outages.filter(({ at }) => at >= back)), 's', { goal: 1.5 });
  findings.add(`${name}: gateways that Kubernetes took for ready after its return, fewest`, lowest, 'gateways');
  findings.add(`${name}: moves of the address`, held.changes.length - 1, 'moves', { goal: 0 });
}

/** Addresses that DNS has for the front proxies. */
async function readyGateways({ cluster }: EdgeUnderTest): Promise<number> {
  const ready = '{.items[*].endpoints[*].conditions.ready}';
  const slices = ['-n', 'istio-ingress', 'get', 'endpointslices', '-l', 'service.kubernetes.io/headless', '-o', `jsonpath=${ready}`];
  return (await cluster.kubectl(slices)).split(' ').filter(one => one === 'true').length;
}
