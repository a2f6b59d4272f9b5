// rolling-update: the front proxies are replaced under load. HITLESS loses no new connection if the nodes hand over the accept queue of a
// closing socket (net.ipv4.tcp_migrate_req), and very few otherwise. It breaks no answer, and the VIP stays. REPLACE is the comparison

import { withSettings } from '../cluster/network';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE } from '../edge/examples';
import { rollOut } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, load, probe, watchHolders } from '../traffic/measure';
import { LoadReport } from '../traffic/reports';
import { replaceVariant } from '../variants/replace';

const MIGRATE = 'net.ipv4.tcp_migrate_req';
/** Requests a second through the VIP and through each node: as many as two cores can serve besides the rest. */
const RATE = { virtual: 900, node: 500 };
const WORKERS = 12;
/** An answer in progress when its proxy gets SIGTERM. */
const SLOW = ['--path', '/?delay=3000', '--timeout', '20s', '--workers', '4'];
const MOST_SECONDS = 240;

/** What clients lost in some updates. */
interface Cost {
  requests: number;
  lost: number;
  slowAnswers: number;
  cutShort: number;
  moves: number;
  updates: number[];
  /** Longest outage through the VIP in each update, and the longest time without a success of the worst node. */
  vipOutages: number[];
  nodeGaps: number[];
  kinds: { [kind: string]: number };
}

export const rollingUpdate: Scenario = {
  name: 'rolling-update',
  title: 'front proxies replaced under load: HITLESS with and without tcp_migrate_req, and REPLACE',
  run: async context => {
    const findings = new Findings('rolling-update', context.profile);
    for (const front of context.profile.faultyFronts) {
      await hitless(context, front, true, findings);
      await hitless(context, front, false, findings);
      if (context.profile.name === 'full' && front === HA_EDGE) await replace(context, front, findings);
    }
    return findings.results;
  },
};

async function hitless(context: ScenarioContext, front: Example, migrate: boolean, findings: Findings): Promise<void> {
  const edge = await context.edges.use(front);
  const cost = await withMigration(edge, migrate, () => updates(context, edge, context.profile.updateConnections));
  const how = `${front.engine}, HITLESS, tcp_migrate_req=${migrate ? 1 : 0}`;
  tell(context, how, cost);
  if (migrate) {
    findings.add(`${how}: new connections lost of ${cost.requests}`, cost.lost, 'connections', { goal: 0 });
  } else {
    const because = 'those in the accept queue of a listener that closes: the busier the machine, the more';
    findings.add(`${how}: new connections lost of 10,000 (${cost.lost} of ${cost.requests})`, perTenThousand(cost), 'connections', { goal: 1, limit: 20, because });
  }
  findings.add(`${how}: answers of 3 s cut short, of ${cost.slowAnswers}`, cost.cutShort, 'answers', { goal: 0 });
  findings.add(`${how}: moves of the VIP in ${cost.updates.length} updates`, cost.moves, 'moves', { goal: 0 });
  findings.add(`${how}: longest outage by way of the VIP`, Math.max(...cost.vipOutages), 's');
  findings.add(`${how}: longest time without an answer from a node`, Math.max(...cost.nodeGaps), 's');
  findings.add(`${how}: one update of both nodes, longest`, Math.max(...cost.updates), 's');
}

/** The comparison: such a DaemonSet with the defaults of Kubernetes. */
async function replace(context: ScenarioContext, front: Example, findings: Findings): Promise<void> {
  const edge = await context.edges.use(replaceVariant(front.engine));
  const cost = await withMigration(edge, true, () => updates(context, edge, 0));
  const how = `${front.engine}, REPLACE`;
  tell(context, how, cost);
  findings.add(`${how}: new connections lost of 10,000 (${cost.lost} of ${cost.requests}), for comparison`, perTenThousand(cost), 'connections');
  findings.add(`${how}: longest outage by way of the VIP, for comparison`, Math.max(...cost.vipOutages), 's');
  findings.add(`${how}: longest time without an answer from a node, for comparison`, Math.max(...cost.nodeGaps), 's');
}

async function withMigration<T>({ nodes }: EdgeUnderTest, on: boolean, work: () => Promise<T>): Promise<T> {
  return withSettings(nodes.map(({ name }) => name), { [MIGRATE]: on ? '1' : '0' }, work);
}

/** Repeats the update until there were enough connections; at least once. */
async function updates(context: ScenarioContext, edge: EdgeUnderTest, connections: number): Promise<Cost> {
  const cost: Cost = { requests: 0, lost: 0, slowAnswers: 0, cutShort: 0, moves: 0, updates: [], vipOutages: [], nodeGaps: [], kinds: {} };
  do {
    await update(context, edge, cost);
    context.progress.say(`${edge.example.name}: ${cost.updates.length} updates, ${cost.lost} of ${cost.requests} lost, ${cost.cutShort} cut short`);
  } while (cost.requests < connections);
  return cost;
}

async function update({ cluster }: ScenarioContext, edge: EdgeUnderTest, cost: Cost): Promise<void> {
  const on = (target: string, rate: number) => load(cluster, target, MOST_SECONDS, '--workers', String(WORKERS), '--rate', String(rate));
  const fast = [on(edge.target(), RATE.virtual), ...edge.nodes.map(node => on(`${node.spec.ipv4}:80`, RATE.node))];
  const slow = load(cluster, edge.target(443), MOST_SECONDS, '--tls', ...SLOW);
  // with long timeouts, because the machine is busy: only a refusal, a reset or long silence is an outage
  const client = probe(cluster, edge.target(), MOST_SECONDS, '--interval', '20ms', '--timeout', '3s');
  const holders = watchHolders(cluster, edge.example.address, MOST_SECONDS);
  await begun(...fast, slow, client, holders);
  cost.updates.push(await rollOut(edge, 'front-proxy'));
  const [reports, slowReport, moves] = await Promise.all([Promise.all(fast.map(one => one.end())), slow.end(), holders.end()]);
  reports.forEach(report => count(cost, report));
  cost.vipOutages.push((await client.end()).longestOutageSeconds);
  cost.nodeGaps.push(Math.max(...reports.slice(1).map(report => report.longestGapMs / 1000)));
  cost.slowAnswers += slowReport.requests;
  cost.cutShort += slowReport.failed;
  cost.moves += moves.changes.length - 1;
}

function count(cost: Cost, report: LoadReport): void {
  cost.requests += report.requests;
  cost.lost += report.failed;
  Object.entries(report.failedBy).forEach(([kind, times]) => { cost.kinds[kind] = (cost.kinds[kind] ?? 0) + times; });
}

function perTenThousand(cost: Cost): number {
  return cost.lost * 10_000 / cost.requests;
}

function tell({ progress }: ScenarioContext, how: string, cost: Cost): void {
  const kinds = Object.entries(cost.kinds).map(([kind, times]) => `${times} ${kind}`).join(', ');
  progress.say(`${how}: ${cost.lost} of ${cost.requests} lost${kinds && ` (${kinds})`}`);
}
