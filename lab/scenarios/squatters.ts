// squatters: while the edge's pods of a node are replaced, another program takes one of their ports, one port after the other. port-guard names it, the node
// stays away from the address, clients notice nothing, and the pods start when the port is free. Without its metrics port keepalived works on

import { join } from 'node:path';
import { sleep, startDetached, undo, until } from '../cluster/commands';
import { kill } from '../cluster/machine';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { listenersOf } from '../edge/listeners';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, probe, watchHolders } from '../traffic/measure';
import { attacked } from '../variants/attacked';

/** Listeners, health, metrics of a front proxy. */
const FRONT_PORTS = [80, 443, 340, 341];
/** Metrics of keepalived. Any user may take it. */
const METRICS_PORT = 9165;
const LABEL = 'cdk8s-istio-edge/maintenance';
const MOST_SECONDS = 300;

export const squatters: Scenario = {
  name: 'squatters',
  title: 'another program takes each port of the edge on a node in turn: the address stays away from there, and the pods start by themselves later',
  run: async context => {
    const findings = new Findings('squatters', context.profile);
    for (const [i, { engine }] of context.profile.faultyFronts.entries()) {
      const edge = await context.edges.use(attacked(engine), { gatewaysOn: 'worker' });
      await quietly(edge, `${engine}, ports of the front proxy`, findings, node => besideFront(context, edge, node, findings));
      if (i === 0) await quietly(edge, `port ${METRICS_PORT}`, findings, node => besideMetrics(context, edge, node, findings));
    }
    return findings.results;
  },
};

/** Works on a node without the address. Clients of the address notice nothing of it. */
async function quietly(edge: EdgeUnderTest, name: string, findings: Findings, work: (node: Node) => Promise<void>): Promise<void> {
  await edge.settled();
  const node = edge.other(await edge.holder());
  const { cluster, example: { address } } = edge;
  const [client, holders] = await begun(
    probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms'), watchHolders(cluster, address, MOST_SECONDS));
  await work(node);
  const free = Date.now();
  await edge.settled(120);
  const [seen, held] = [await client.end(), await holders.end()];
  findings.add(`${name}: edge settled after all ports are free`, (Date.now() - free) / 1000, 's', { limit: 30, because: 'the next start, readiness, and the check\'s rise' });
  findings.add(`${name}: new connections to the address lost, of ${seen.probes}`, seen.bad, 'connections', { goal: 0 });
  findings.add(`${name}: moves of the address`, held.changes.length - 1, 'moves', { goal: 0 });
}

async function besideFront({ progress }: ScenarioContext, edge: EdgeUnderTest, node: Node, findings: Findings): Promise<void> {
  const label = (value: string) => edge.cluster.kubectl(['label', 'node', node.name, '--overwrite', `${LABEL}${value}`]);
  let stop = () => {};
  try {
    await label('=');
    await until(`the proxy on ${node.name} has ended`, 90, async () => !(await edge.pods('front-proxy')).some(pod => pod.node === node.name));
    for (const port of FRONT_PORTS) {
      const next = squat(edge, node, port);
      await sleep(300);
      stop();
      stop = next;
      if (port === FRONT_PORTS[0]) await label('-');
      const said = await refusal(edge, node, port);
      await until(`keepalived on ${node.name} has a state`, 30, () => edge.vrrpState(node) !== ''); // its pod was away for maintenance, too
      const state = edge.vrrpState(node);
      progress.say(`${edge.example.engine}, ${node.name} is ${state}: ${said}`);
      findings.add(`${edge.example.engine}, port ${port}: keepalived in another state than FAULT`, state === 'FAULT' ? 0 : 1, 'nodes', { goal: 0 });
    }
  } finally {
    await undo(async () => {
      stop();
      await label('-');
    });
  }
}

/** What port-guard has said about a port. */
async function refusal(edge: EdgeUnderTest, node: Node, port: number): Promise<string> {
  let said = '';
  await until(`port-guard on ${node.name} names port ${port}`, 60, async () => {
    said = new RegExp(`not starting: port ${port} is in use.*`).exec(await guardLog(edge, node))?.[0] ?? '';
    return said !== '';
  }, 500);
  return said;
}

async function besideMetrics({ progress }: ScenarioContext, edge: EdgeUnderTest, node: Node, findings: Findings): Promise<void> {
  const { name, namespace } = await edge.podOn(node, 'virtual-ip');
  const stop = squatWhenFree(edge, node, METRICS_PORT);
  try {
    await edge.cluster.kubectl(['-n', namespace, 'delete', 'pod', name], { seconds: 90 });
    await until('keepalived runs again', 60, () => edge.vrrpState(node) !== '', 200);
    await sleep(10_000);
    const taken = (await listenersOf(node)).some(({ at, programs }) => at.endsWith(`:${METRICS_PORT}`) && programs.includes('labtool'));
    if (!taken) throw new Error(`port ${METRICS_PORT} was not taken`);
    const state = edge.vrrpState(node);
    const pod = await edge.podOn(node, 'virtual-ip');
    progress.say(`beside a program on ${METRICS_PORT}: keepalived is ${state}, its pod is ${pod.ready ? '' : 'not '}ready, ${pod.restarts} restarts`);
    findings.add(`port ${METRICS_PORT}: keepalived in another state than BACKUP`, state === 'BACKUP' ? 0 : 1, 'nodes', { goal: 0 });
  } finally {
    stop();
  }
}

/** Listens on a port of all addresses, and answers 404. Returns what ends it. */
function squat({ cluster }: EdgeUnderTest, node: Node, port: number): () => void {
  const pid = startDetached(node.inNetwork([cluster.labtool, 'backend', '--http=', '--https=', `--health=:${port}`, '--grace=0s']), join(node.folder, 'squatter.log'));
  return () => kill(pid);
}

/** The port is in use until the pod has ended, so it tries again and again. */
function squatWhenFree({ cluster }: EdgeUnderTest, node: Node, port: number): () => void {
  const program = `while true; do ${cluster.labtool} backend --http= --https= --health=:${port} --grace=0s; sleep 0.02; done`;
  const pid = startDetached(node.inNetwork(['sh', '-c', program]), join(node.folder, 'squatter.log'));
  return () => process.kill(-pid, 'SIGKILL');
}

/** Log of this start of the init container, and of the previous one. */
async function guardLog(edge: EdgeUnderTest, node: Node): Promise<string> {
  const pod = (await edge.pods('front-proxy')).find(one => one.node === node.name && !one.leaving);
  if (!pod) return '';
  const log = (...flags: string[]) => edge.cluster.kubectl(['-n', pod.namespace, 'logs', pod.name, '-c', 'port-guard', ...flags]).catch(() => '');
  return `${await log('--previous')}${await log()}`;
}
