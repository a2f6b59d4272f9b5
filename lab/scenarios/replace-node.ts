// replace-node: a node with the address dies, and another one with another name takes its place. The steps of docs/planned-changes.md print what
// the page shows, and lose no connection but those in their handshake when the client changes between two holders

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undo, until } from '../cluster/commands';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { PageShell } from '../edge/page-shell';
import { Findings } from '../findings';
import { blocksOf } from '../page-commands';
import { Scenario, ScenarioContext } from '../scenario';
import { judgeChange } from '../traffic/documented-change';
import { begun, probe } from '../traffic/measure';
import { ANOTHER_NODE } from '../variants/planned-changes';

const PAGE = 'planned-changes.md';
const DEAD = 'edge-1';

/** Two nodes have the address until the one that serves knows the new one. */
const HANDSHAKES = { limit: 10, because: 'both nodes announce the address, and the client changes between them; that ends a handshake' };

export const replaceNode: Scenario = {
  name: 'replace-node',
  title: 'a node with the VIP dies, and a new one with another name takes its place, by the steps of docs/planned-changes.md',
  edges: 3,
  run: async context => {
    const findings = new Findings('replace-node', context.profile);
    const edge = await context.edges.useWithIstio(HA_EDGE);
    const dead = edge.nodes.find(({ name }) => name === DEAD)!;
    const shell = await PageShell.of(edge);
    try {
      await dies(context, edge, dead, findings);
      shell.write(ANOTHER_NODE);
      await replace(context, shell, findings);
    } finally {
      shell.remove();
      await undo(() => comesBack(edge, dead));
      await context.edges.clear();
    }
    return findings.results;
  },
};

/** Cut off from the network, with the address: for all others it is dead. */
async function dies({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, dead: Node, findings: Findings): Promise<void> {
  if ((await edge.holder()).name !== dead.name) {
    await cluster.kubectl(['-n', 'istio-ingress', 'delete', 'pod', (await edge.podOn(await edge.holder(), 'virtual-ip')).name]);
    await until(`${dead.name} has the address`, 30, async () => (await cluster.holders(edge.example.address)).join() === dead.name);
  }
  const client = probe(cluster, edge.target(443), 300, '--tls');
  await begun(client);
  await dead.pullCable();
  await until(`the cluster notices that ${dead.name} is dead`, 120, async () => {
    const ready = '{.status.conditions[?(@.type=="Ready")].status}';
    return await cluster.kubectl(['get', 'node', dead.name, '-o', `jsonpath=${ready}`]) === 'Unknown';
  }, 1000);
  const { outages } = await client.end();
  progress.say(`${dead.name} dies: ${JSON.stringify(outages)}`);
  findings.add(`${dead.name} dies: outage`, Math.max(0, ...outages.map(({ seconds }) => seconds)), 's');
}

async function replace({ progress }: ScenarioContext, shell: PageShell, findings: Findings): Promise<void> {
  const blocks = blocksOf(readFileSync(join(__dirname, '../../docs', PAGE), 'utf8')).filter(({ marks }) => marks.includes('replace'));
  let wrong = 0;
  await judgeChange(shell.edge, 'a dead node is replaced', async () => {
    for (const block of blocks) wrong += await shell.printsAsShown(PAGE, block, progress) ? 0 : 1;
  }, { progress, findings, lost: HANDSHAKES, twoHolders: {} });
  findings.add(`docs/${PAGE}: blocks about a dead node that print something else than shown, of ${blocks.length}`, wrong, 'blocks', { goal: 0 });
}

/** The page's steps deleted the Node object. A kubelet registers its node only when it starts. */
async function comesBack({ cluster }: EdgeUnderTest, dead: Node): Promise<void> {
  await dead.plugCable();
  [...dead.processes('kubelet'), ...dead.processes('kube-proxy')].forEach(pid => kill(pid));
  dead.join();
  await until(`${dead.name} registers`, 60, async () => await cluster.kubectl(['get', 'node', dead.name, '--ignore-not-found', '-o', 'name']) !== '', 500);
  await cluster.kubectl(['wait', `node/${dead.name}`, '--for=condition=Ready', '--timeout=60s'], { seconds: 70 });
}
