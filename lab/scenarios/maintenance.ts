// maintenance: the documented procedure on the node that holds the virtual IP, under load. Label the node, drain it, and bring it back

import { sleep, undo, until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { connectionsLeft } from '../traffic/connections-left';
import { HANDED_OVER } from '../traffic/faults';
import { lossesOf, PATIENT_CLIENT } from '../traffic/gateway-rollout';
import { begun, longest, probe, watchHolders, whenAndWhat } from '../traffic/measure';
import { movedFrom } from '../traffic/planned-moves';
import { allOf, Streams, sumOf } from '../traffic/streams';
import { managedOnHosts } from '../variants/managed';

const LABEL = 'cdk8s-istio-edge/maintenance';
/** The front proxy lets connections finish for up to a minute. */
const EMPTY_WITHIN_SECONDS = 90;
const MOST_SECONDS = 240;
/** Connections that are open when the node is labelled. They end in two steps. */
const OPEN = 100;
const CLOSED_SECONDS = 1;

/** Figures of one round. Outages are in seconds. */
interface Round {
  readonly handOver: number;
  readonly comeBack: number;
  readonly lost: number;
  readonly broken: number;
  readonly probes: number;
  readonly secondsToEmpty: number;
  readonly moved: boolean;
  readonly left?: Left;
}

/** Open connections, and how many of them the command of docs/edge-nodes.md counts. */
interface Left {
  /** When the node is labelled, and when the first ones have ended. */
  readonly open: [number, number];
  readonly counted: [number, number];
  readonly brokenBy: { readonly [kind: string]: number };
}

export const maintenance: Scenario = {
  name: 'maintenance',
  title: 'label the node that holds the VIP, drain it, bring it back, under load',
  run: async context => {
    const findings = new Findings('maintenance', context.profile);
    await judge(context, 'front proxies', async () => context.edges.use(HA_EDGE), findings);
    await judge(context, 'gateways that istiod deploys', async () => context.edges.useWithIstio(managedOnHosts()), findings);
    return findings.results;
  },
};

async function judge(context: ScenarioContext, what: string, use: () => Promise<EdgeUnderTest>, findings: Findings): Promise<void> {
  const count = context.profile.name === 'ci' ? 1 : Math.ceil(context.rounds / 3); // each takes more than a minute
  const rounds: Round[] = [];
  for (let number = 1; number <= count; number++) {
    const round = await outAndBack(context, await use());
    rounds.push(round);
    context.progress.say(`${what}, round ${number} of ${count}: hand-over ${round.handOver.toFixed(3)} s, coming back ${round.comeBack.toFixed(3)} s, ` +
      `${round.lost} of ${round.probes} lost, ${round.broken} broken, empty after ${round.secondsToEmpty.toFixed(0)} s${round.left ? `, ${JSON.stringify(round.left)}` : ''}`);
  }
  findings.spread(`${what}, node labelled and drained: served again`, rounds.map(({ handOver }) => handOver), 's', { worst: HANDED_OVER });
  findings.add(`${what}, node comes back: longest outage`, Math.max(...rounds.map(({ comeBack }) => comeBack)), 's', { goal: 0 });
  findings.add(`${what}, rounds in which the address stayed on the node`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
  const sum = (part: 'probes' | 'lost' | 'broken') => rounds.reduce((total, round) => total + round[part], 0);
  findings.add(`${what}, new connections lost, of ${sum('probes')} in all rounds`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}, open connections that the moves of the VIP broke`, sum('broken'), 'connections');
  judgeLeft(rounds.flatMap(({ left }) => left ?? []), what, findings);
  findings.add(`${what}, from the label until the node is drained, longest`, Math.max(...rounds.map(({ secondsToEmpty }) => secondsToEmpty)), 's');
}

function judgeLeft(rounds: Left[], what: string, findings: Findings): void {
  if (rounds.length === 0) return;
  const wrong = rounds.filter(({ open, counted }) => open.join() !== counted.join()).length;
  findings.add(`${what}, rounds in which the documented command does not count the connections that are left`, wrong, 'rounds', { goal: 0 });
  const sum = (figure: (one: Left) => number) => rounds.reduce((total, one) => total + figure(one), 0);
  findings.add(`${what}, open connections that broke, of ${sum(({ open }) => open[0])}`, sum(({ brokenBy }) => sumOf(brokenBy)), 'connections', { goal: 0 });
}

async function outAndBack({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest): Promise<Round> {
  const node = await edge.holder();
  // the documented command counts in front proxies; gateways that istiod deploys have none
  const halves = edge.istio ? [] : [await openHalf(edge), await openHalf(edge)];
  const [client, patient, holders] = await begun(
    // with Istio, 80 only redirects
    edge.istio ? probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms') : probe(cluster, edge.target(), MOST_SECONDS),
    probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT),
    watchHolders(cluster, edge.example.address, MOST_SECONDS),
  );
  const started = Date.now();
  let back = Number.POSITIVE_INFINITY;
  let left: Left | undefined;
  try {
    await edge.cluster.kubectl(['label', 'node', node.name, `${LABEL}=`]);
    if (halves.length > 0) left = await leftUntilNone(edge, node, halves);
    await drain(edge, node);
    back = Date.now();
  } finally {
    await undo(() => bringBack(edge, node));
  }
  await edge.settled(120);
  const [seen, shots, held] = [await client.end(), await patient.end(), await holders.end()];
  seen.outages.forEach(outage => progress.say(`outage ${whenAndWhat(outage, started)}`));
  return {
    handOver: longest(seen.outages.filter(({ at }) => at * 1000 < back)),
    comeBack: longest(seen.outages.filter(({ at }) => at * 1000 >= back)),
    ...lossesOf(shots, held),
    left,
    secondsToEmpty: (back - started) / 1000,
    moved: held.changes.some(change => change.holders.length === 1 && change.holders[0] !== node.name),
  };
}

async function openHalf(edge: EdgeUnderTest): Promise<Streams> {
  return Streams.open(edge, undefined, OPEN / 2, MOST_SECONDS);
}

/** Counts the connections while all are open, and when half of them have ended. Ends the others, and waits until none is left. */
async function leftUntilNone(edge: EdgeUnderTest, node: Node, [first, second]: Streams[]): Promise<Left> {
  await movedFrom(edge, node);
  const all = await connectionsLeft(edge, node);
  const early = await first.end();
  await sleep(CLOSED_SECONDS * 1000);
  const half = await connectionsLeft(edge, node);
  const late = await second.end();
  // the pod may end between two counts
  const ended = async () => (await edge.pods('front-proxy')).every(pod => pod.node !== node.name);
  await until('no connection is left', EMPTY_WITHIN_SECONDS, async () => await connectionsLeft(edge, node).catch(() => undefined) === 0 || ended(), 200);
  const { opened, brokenBy } = allOf([early, late]);
  return { open: [opened.IPv4, late.opened.IPv4], counted: [all, half], brokenBy };
}

async function drain(edge: EdgeUnderTest, node: Node): Promise<void> {
  await edge.cluster.kubectl(['drain', node.name, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${EMPTY_WITHIN_SECONDS}s`], { seconds: EMPTY_WITHIN_SECONDS + 10 });
  await until(`${node.name} is empty`, EMPTY_WITHIN_SECONDS, async () => (await edge.pods()).every(pod => pod.node !== node.name), 500);
}

async function bringBack(edge: EdgeUnderTest, node: Node): Promise<void> {
  await edge.cluster.kubectl(['uncordon', node.name]);
  await edge.cluster.kubectl(['label', 'node', node.name, `${LABEL}-`]);
}
