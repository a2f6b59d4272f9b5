// rolling-update: the front proxies are replaced under load. HITLESS loses no new connection if net.ipv4.tcp_migrate_req lets the kernel hand
// over the accept queue of a closing socket, and few otherwise. It cuts no answer short, and the VIP stays. REPLACE is measured for comparison

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
/** Requests a second through the VIP and through each node. Two cores can serve no more. */
const RATE = { virtual: 900, node: 500 };
const WORKERS = 12;
/** Answers that are not finished when their proxy gets SIGTERM. */
const SLOW = ['--path', '/?delay=3000', '--timeout', '20s', '--workers', '4'];
const MOST_SECONDS = 240;

/** What clients noticed during some updates. */
interface Losses {
  requests: number;
  lost: number;
  slowAnswers: number;
  cutShort: number;
  moves: number;
  updates: number[];
  /** Longest outage of the VIP in each update. */
  vipOutages: number[];
  /** Longest time without a success through a node, in each update. */
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
  const losses = await withMigration(edge, migrate, () => updates(context, edge, context.profile.updateConnections));
  const how = `${front.engine}, HITLESS, tcp_migrate_req=${migrate ? 1 : 0}`;
  tell(context, how, losses);
  if (migrate) {
    findings.add(`${how}: new connections lost of ${losses.requests}`, losses.lost, 'connections', { goal: 0 });
  } else {
    const because = 'those in the accept queue of a listener that closes: the busier the machine, the more';
    findings.add(`${how}: new connections lost of 10,000 (${losses.lost} of ${losses.requests})`, perTenThousand(losses), 'connections', { goal: 1, limit: 20, because });
  }
  findings.add(`${how}: answers of 3 s cut short, of ${losses.slowAnswers}`, losses.cutShort, 'answers', { goal: 0 });
  findings.add(`${how}: moves of the VIP in ${losses.updates.length} updates`, losses.moves, 'moves', { goal: 0 });
  findings.add(`${how}: longest outage by way of the VIP`, Math.max(...losses.vipOutages), 's');
  findings.add(`${how}: longest time without an answer from a node`, Math.max(...losses.nodeGaps), 's');
  findings.add(`${how}: one update of both nodes, longest`, Math.max(...losses.updates), 's');
}

/** For comparison: the same DaemonSet with the defaults of Kubernetes. */
async function replace(context: ScenarioContext, front: Example, findings: Findings): Promise<void> {
  const edge = await context.edges.use(replaceVariant(front.engine));
  const losses = await withMigration(edge, true, () => updates(context, edge, 0));
  const how = `${front.engine}, REPLACE`;
  tell(context, how, losses);
  findings.add(`${how}: new connections lost of 10,000 (${losses.lost} of ${losses.requests}), for comparison`, perTenThousand(losses), 'connections');
  findings.add(`${how}: longest outage by way of the VIP, for comparison`, Math.max(...losses.vipOutages), 's');
  findings.add(`${how}: longest time without an answer from a node, for comparison`, Math.max(...losses.nodeGaps), 's');
}

async function withMigration<T>({ nodes }: EdgeUnderTest, on: boolean, work: () => Promise<T>): Promise<T> {
  return withSettings(nodes.map(({ name }) => name), { [MIGRATE]: on ? '1' : '0' }, work);
}

/** Repeats updates until there were enough connections. Makes at least one. */
async function updates(context: ScenarioContext, edge: EdgeUnderTest, connections: number): Promise<Losses> {
  const losses: Losses = { requests: 0, lost: 0, slowAnswers: 0, cutShort: 0, moves: 0, updates: [], vipOutages: [], nodeGaps: [], kinds: {} };
  do {
    await update(context, edge, losses);
    context.progress.say(`${edge.example.name}: ${losses.updates.length} updates, ${losses.lost} of ${losses.requests} lost, ${losses.cutShort} cut short`);
  } while (losses.requests < connections);
  return losses;
}

async function update({ cluster }: ScenarioContext, edge: EdgeUnderTest, losses: Losses): Promise<void> {
  const on = (target: string, rate: number) => load(cluster, target, MOST_SECONDS, '--workers', String(WORKERS), '--rate', String(rate));
  const fast = [on(edge.target(), RATE.virtual), ...edge.nodes.map(node => on(`${node.spec.ipv4}:80`, RATE.node))];
  const slow = load(cluster, edge.target(443), MOST_SECONDS, '--tls', ...SLOW);
  // the timeout is long, because a busy machine answers late, which is no outage
  const client = probe(cluster, edge.target(), MOST_SECONDS, '--interval', '20ms', '--timeout', '3s');
  const holders = watchHolders(cluster, edge.example.address, MOST_SECONDS);
  await begun(...fast, slow, client, holders);
  losses.updates.push(await rollOut(edge, 'front-proxy'));
  const [reports, slowReport, moves] = await Promise.all([Promise.all(fast.map(one => one.end())), slow.end(), holders.end()]);
  reports.forEach(report => addLoad(losses, report));
  losses.vipOutages.push((await client.end()).longestOutageSeconds);
  losses.nodeGaps.push(Math.max(...reports.slice(1).map(report => report.longestGapMs / 1000)));
  losses.slowAnswers += slowReport.requests;
  losses.cutShort += slowReport.failed;
  losses.moves += moves.changes.length - 1;
}

function addLoad(losses: Losses, report: LoadReport): void {
  losses.requests += report.requests;
  losses.lost += report.failed;
  Object.entries(report.failedBy).forEach(([kind, times]) => { losses.kinds[kind] = (losses.kinds[kind] ?? 0) + times; });
}

function perTenThousand(losses: Losses): number {
  return losses.lost * 10_000 / losses.requests;
}

function tell({ progress }: ScenarioContext, how: string, losses: Losses): void {
  const kinds = Object.entries(losses.kinds).map(([kind, times]) => `${times} ${kind}`).join(', ');
  progress.say(`${how}: ${losses.lost} of ${losses.requests} lost${kinds && ` (${kinds})`}`);
}
