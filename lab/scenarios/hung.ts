// hung: kubelet restarts a front proxy, or a keepalived, that hangs on the node with the virtual IP

import { sleep, until } from '../cluster/commands';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { Component, EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario } from '../scenario';

const RESTARTED = { limit: 90, because: 'five probes in a row, ten seconds apart, and the time to notice' };

/** What hangs, the component whose pod must restart, and its processes. */
const HUNG: { readonly [what: string]: [Component, (edge: EdgeUnderTest, node: Node) => number[] | Promise<number[]>] } = {
  'front proxy': ['front-proxy', async (edge, node) => edge.frontProcesses(node)],
  'keepalived, both processes': ['virtual-ip', (edge, node) => edge.keepalivedProcesses(node)],
  'keepalived, VRRP process': ['virtual-ip', (edge, node) => edge.keepalivedProcesses(node).slice(1)],
  'keepalived, parent': ['virtual-ip', (edge, node) => edge.keepalivedProcesses(node).slice(0, 1)],
};

export const hung: Scenario = {
  name: 'hung',
  title: 'SIGSTOP of a front proxy or keepalived: kubelet restarts it, and nothing else',
  run: async ({ edges, profile, progress }) => {
    const findings = new Findings('hung', profile);
    const edge = await edges.use(HA_EDGE, { gatewaysOn: 'worker' });
    for (const [what, [component, processesOf]] of Object.entries(HUNG)) {
      await edge.settled();
      const node = await edge.holder();
      const before = await restarts(edge);
      const { name } = await edge.podOn(node, component);
      const began = Date.now();
      (await processesOf(edge, node)).forEach(pid => kill(pid, 'SIGSTOP'));
      await until(`${name} restarts`, 150, async () => (await restarts(edge)).get(name)! > before.get(name)!, 500);
      const seconds = (Date.now() - began) / 1000;
      progress.say(`${what}: restarted after ${seconds.toFixed(1)} s`);
      await edge.settled();
      await sleep(2000);
      const others = [...await restarts(edge)].filter(([pod, count]) => pod !== name && count > (before.get(pod) ?? 0));
      findings.add(`${what}: restarted after`, seconds, 's', RESTARTED);
      findings.add(`${what}: other pods that restarted`, others.length, 'pods', { goal: 0 });
    }
    return findings.results;
  },
};

async function restarts(edge: EdgeUnderTest): Promise<Map<string, number>> {
  return new Map((await edge.pods()).map(pod => [pod.name, pod.restarts]));
}
