// maintenance: the documented procedure on the node that holds the virtual IP, under load. Label the node, drain it, and bring it back

import { undo, until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { HANDED_OVER } from '../traffic/faults';
import { lossesOf, PATIENT_CLIENT } from '../traffic/gateway-rollout';
import { begun, longest, probe, watchHolders, whenAndWhat } from '../traffic/measure';
import { managedOnHosts } from '../variants/managed';

const LABEL = 'cdk8s-istio-edge/maintenance';
/** The front proxy lets connections finish for up to a minute. */
const EMPTY_WITHIN_SECONDS = 90;
const MOST_SECONDS = 240;

/** Figures of one round. Outages are in seconds. */
interface Round {
  readonly handOver: number;
  readonly comeBack: number;
  readonly lost: number;
  readonly broken: number;
  readonly probes: number;
  readonly secondsToEmpty: number;
  readonly moved: boolean;
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
      `${round.lost} of ${round.probes} lost, ${round.broken} broken, empty after ${round.secondsToEmpty.toFixed(0)} s`);
  }
  findings.spread(`${what}, node labelled and drained: served again`, rounds.map(({ handOver }) => handOver), 's', { worst: HANDED_OVER });
  findings.add(`${what}, node comes back: longest outage`, Math.max(...rounds.map(({ comeBack }) => comeBack)), 's', { goal: 0 });
  findings.add(`${what}, rounds in which the address stayed on the node`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
  const sum = (part: 'probes' | 'lost' | 'broken') => rounds.reduce((total, round) => total + round[part], 0);
  findings.add(`${what}, new connections lost, of ${sum('probes')} in all rounds`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}, open connections that the moves of the VIP broke`, sum('broken'), 'connections');
  findings.add(`${what}, from the label until the node is drained, longest`, Math.max(...rounds.map(({ secondsToEmpty }) => secondsToEmpty)), 's');
}

async function outAndBack({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest): Promise<Round> {
  const node = await edge.holder();
  const [client, patient, holders] = await begun(
    // with Istio, 80 only redirects
    edge.istio ? probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms') : probe(cluster, edge.target(), MOST_SECONDS),
    probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT),
    watchHolders(cluster, edge.example.address, MOST_SECONDS),
  );
  const started = Date.now();
  let back = Number.POSITIVE_INFINITY;
  try {
    await takeOut(edge, node);
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
    secondsToEmpty: (back - started) / 1000,
    moved: held.changes.some(change => change.holders.length === 1 && change.holders[0] !== node.name),
  };
}

/** As README and docs/edge-nodes.md describe it. */
async function takeOut(edge: EdgeUnderTest, node: Node): Promise<void> {
  await edge.cluster.kubectl(['label', 'node', node.name, `${LABEL}=`]);
  await edge.cluster.kubectl(['drain', node.name, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${EMPTY_WITHIN_SECONDS}s`], { seconds: EMPTY_WITHIN_SECONDS + 10 });
  await until(`${node.name} is empty`, EMPTY_WITHIN_SECONDS, async () => (await edge.pods()).every(pod => pod.node !== node.name), 500);
}

async function bringBack(edge: EdgeUnderTest, node: Node): Promise<void> {
  await edge.cluster.kubectl(['uncordon', node.name]);
  await edge.cluster.kubectl(['label', 'node', node.name, `${LABEL}-`]);
}
