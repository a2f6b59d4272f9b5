// busy-node: a node without free processor time, and one without DNS or gateway, are no reason to restart a container

import { sleep, undo } from '../cluster/commands';
import { containerProcesses, kill, processesOfPod } from '../cluster/machine';
import { podsIn } from '../cluster/pods';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { watchHolders } from '../traffic/measure';

/** What all pods of the node get together, of one processor. With it, they wait in half of all periods of 100 ms. */
const SHARE = 0.1;

export const busyNode: Scenario = {
  name: 'busy-node',
  title: 'a node without free processor time, DNS or gateway: kubelet restarts no front proxy and no keepalived',
  run: async context => {
    const findings = new Findings('busy-node', context.profile);
    for (const front of context.profile.faultyFronts) {
      await busy(context, front, findings);
      await lonely(context, front, findings);
    }
    return findings.results;
  },
};

async function busy({ edges, profile }: ScenarioContext, front: Example, findings: Findings): Promise<void> {
  const edge = await edges.use(front, { gatewaysOn: 'worker' });
  await edge.settled();
  const [node, before] = [await edge.holder(), await restarts(edge)];
  const holders = watchHolders(edge.cluster, edge.example.address, profile.busySeconds + 60);
  const { all, waited } = node.podPeriods;
  node.limitPods(SHARE);
  try {
    await sleep(profile.busySeconds * 1000);
  } finally {
    node.limitPods();
  }
  const periods = node.podPeriods;
  const seen = await holders.end();
  await edge.settled(120);
  const what = `${front.name}, pods of the node with the address get ${SHARE} of a processor for ${profile.busySeconds} s`;
  const percent = 100 * (periods.waited - waited) / Math.max(1, periods.all - all);
  findings.add(`${what}: restarts`, await restarts(edge) - before, 'restarts', { goal: 0 });
  findings.add(`${what}: share of the time in which they waited`, percent, '%');
  findings.add(`${what}: moves of the address`, seen.changes.length - 1, '');
}

/** Name servers and gateways accept, and answer nothing. */
async function lonely({ edges, profile }: ScenarioContext, front: Example, findings: Findings): Promise<void> {
  const edge = await edges.use(front, { gatewaysOn: 'worker' });
  await edge.settled();
  const before = await restarts(edge);
  const dns = (await podsIn(edge.cluster, ['kube-system'], '-l', 'k8s-app=kube-dns')).flatMap(({ uid }) => processesOfPod(uid));
  const gateways = (await edge.pods('gateway')).flatMap(({ uid }) => containerProcesses(uid));
  if (dns.length === 0 || gateways.length === 0) throw new Error('there is no DNS or no gateway to stop');
  [...dns, ...gateways].forEach(pid => kill(pid, 'SIGSTOP'));
  try {
    await sleep(profile.busySeconds * 1000);
  } finally {
    await undo(async () => [...dns, ...gateways].forEach(pid => kill(pid, 'SIGCONT')));
  }
  await edge.settled(120);
  findings.add(`${front.name}, neither DNS nor a gateway answers for ${profile.busySeconds} s: restarts`, await restarts(edge) - before, 'restarts', { goal: 0 });
}

/** Of all containers of front proxies and virtual IPs. */
async function restarts(edge: EdgeUnderTest): Promise<number> {
  const pods = [...await edge.pods('front-proxy'), ...await edge.pods('virtual-ip')];
  return pods.reduce((sum, pod) => sum + pod.restarts, 0);
}
