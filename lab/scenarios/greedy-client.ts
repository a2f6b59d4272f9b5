// greedy-client: one client opens as many connections as it can, and another client is still served. HAProxy and nginx limit each client
// (`maxConnectionsPerClient`). For Envoy, the nodes do it with the nftables rules of docs/front-proxies.md

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, sleep, undo } from '../cluster/commands';
import { CLIENT_ADDRESS, INTERFACE, LAN_PREFIX_LENGTHS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { load } from '../traffic/measure';
import { HoldReport, LoadReport } from '../traffic/reports';
import { MOST_OF_ALL, MOST_OF_ONE, oneOfMany } from '../variants/one-of-many';

/** The other client: a second address of the same machine. */
const OTHER = '192.0.2.201';
/** More than the proxy's limit. Each holds a connection or tries every four seconds, so that it uses little CPU time. */
const WORKERS = 2 * MOST_OF_ALL;
const TRIES_PER_SECOND = WORKERS / 4;
const MOST_SECONDS = 60;
/** Requests of the other client, each on a new connection. */
const REQUESTS = 40;
const TURNS = 8;

const RULES = /^```nft\n(.*?)^```/ms.exec(readFileSync(join(__dirname, '../../docs/front-proxies.md'), 'utf8'))![1];

export const greedyClient: Scenario = {
  name: 'greedy-client',
  title: 'one client takes all the connections it can get, another is served as ever',
  run: async context => {
    const findings = new Findings('greedy-client', context.profile);
    await withOtherAddress(context, async () => {
      await takeAll(context, await context.edges.use(oneOfMany('haproxy')), findings);
      await takeAll(context, await context.edges.use(oneOfMany('nginx')), findings);
      const envoy = await context.edges.use(oneOfMany('envoy'));
      await withRules(envoy, () => takeAll(context, envoy, findings));
    });
    return findings.results;
  },
};

async function takeAll({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { engine } = edge.example;
  const how = engine === 'envoy' ? 'Envoy with nftables' : engine;
  const held = await cluster.fromClient<HoldReport>(['hold', '--target', edge.target(), '--connections', String(MOST_OF_ALL)], 30);
  const before = await otherClient(cluster, edge, TURNS / 2);
  const crowd = load(cluster, edge.target(), MOST_SECONDS, '--keep-alive', '--timeout', '1s', '--workers', String(WORKERS), '--rate', String(TRIES_PER_SECOND));
  await sleep(3000);
  const meanwhile = await otherClient(cluster, edge, TURNS);
  const greedy = await crowd.end();
  const said = await refusals(edge);
  await sleep(1000);
  const usual = p99([...before, ...await otherClient(cluster, edge, TURNS / 2)]);
  progress.say(`${how}: ${held.answered} of ${MOST_OF_ALL} connections for one client; p99 of the other ${usual.toFixed(1)} ms, meanwhile ${p99(meanwhile).toFixed(1)} ms; `
    + `the greedy one failed by ${JSON.stringify(greedy.failedBy)}, ${said} lines of it`);
  findings.add(`${how}: connections of one client beyond its ${MOST_OF_ONE}`, Math.max(0, held.answered - MOST_OF_ONE), 'connections', { goal: 0 });
  findings.add(`${how}: another client not served meanwhile, of ${TURNS * REQUESTS}`, meanwhile.reduce((sum, { failed }) => sum + failed, 0), 'requests', { goal: 0 });
  findings.add(`${how}: its p99, as a multiple of what is usual`, p99(meanwhile) / usual, 'times', { goal: 2 });
  findings.add(`${how}: refusals that no log tells`, said > 0 ? 0 : 1, 'logs', { goal: 0 });
}

async function otherClient(cluster: ScenarioContext['cluster'], edge: EdgeUnderTest, turns: number): Promise<LoadReport[]> {
  const reports: LoadReport[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    reports.push(await cluster.fromClient<LoadReport>(
      ['load', '--target', edge.target(), '--from', OTHER, '--count', String(REQUESTS), '--workers', '1', '--rate', '40', '--timeout', '1s'], 60));
  }
  return reports;
}

/** The figure of the quietest quarter of the turns, because other work on the machine disturbs the others. */
function p99(reports: LoadReport[]): number {
  return reports.map(({ latencyMs }) => latencyMs.p99 ?? Infinity).sort((one, other) => one - other)[Math.floor(reports.length / 4)];
}

/** Lines of the proxy's log, or connections that the node's rules have counted. */
async function refusals(edge: EdgeUnderTest): Promise<number> {
  const holder = await edge.holder();
  if (edge.example.engine === 'envoy') {
    const rules = await run(holder.inNetwork(['nft', 'list', 'table', 'inet', 'edge_clients']));
    return Number(/counter packets (\d+)/.exec(rules)?.[1]);
  }
  const pod = await edge.podOn(holder, 'front-proxy');
  const log = await edge.cluster.kubectl(['-n', pod.namespace, 'logs', pod.name]);
  return log.split('\n').filter(line => line.includes(`${CLIENT_ADDRESS.ipv4}:`) && /flags=PR|status=503/.test(line)).length;
}

async function withOtherAddress({ cluster }: ScenarioContext, work: () => Promise<void>): Promise<void> {
  const address = async (what: string) => run(cluster.client.inNetwork(
    ['ip', 'address', what, `${OTHER}/${LAN_PREFIX_LENGTHS.ipv4}`, 'dev', INTERFACE]));
  await address('add');
  try {
    await work();
  } finally {
    await undo(async () => { await address('delete'); });
  }
}

/** The documented rules, with this scenario's limit. */
async function withRules(edge: EdgeUnderTest, work: () => Promise<void>): Promise<void> {
  const rules = RULES.replace(/over \d+/g, `over ${MOST_OF_ONE}`);
  await Promise.all(edge.nodes.map(node => run(node.inNetwork(['nft', '-f', '-']), { input: rules })));
  try {
    await work();
  } finally {
    await undo(async () => {
      await Promise.all(edge.nodes.map(node => run(node.inNetwork(['nft', 'delete', 'table', 'inet', 'edge_clients']))));
    });
  }
}
