// active-active: each of two nodes holds one of two virtual IPs. When a node is lost, the other holds both. The node takes its address back when it
// has been healthy for the preempt delay

import { sleep, undo, until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { takenOverBound } from '../traffic/faults';
import { begun, longest, probe } from '../traffic/measure';
import { ACTIVE_ACTIVE, PREEMPT_DELAY_SECONDS, TWO_VIPS } from '../variants/active-active';

/** Longest run of a measurement. */
const MOST_SECONDS = 120;
/** How long the cable is pulled. */
const PULLED_SECONDS = 4;
const SPREAD_WITHIN_SECONDS = 60;
const TAKEN_OVER = takenOverBound(0.2);

/** Figures of one round, in seconds. */
interface Round {
  /** Outage of the lost node's address. */
  readonly lost: number;
  /** Outage of the same address when it goes back. */
  readonly back: number;
  /** Outage of the other address. */
  readonly untouched: number;
  /** From the cable plugged in until the address is back. */
  readonly delay: number;
}

export const activeActive: Scenario = {
  name: 'active-active',
  title: 'two VIPs on two nodes: one node fails, the other holds both, the address comes back after the preempt delay',
  run: async context => {
    const findings = new Findings('active-active', context.profile);
    const rounds: Round[] = [];
    const count = context.profile.name === 'ci' ? 1 : context.rounds;
    const edge = await context.edges.use(ACTIVE_ACTIVE, { gatewaysOn: 'worker' });
    for (let number = 1; number <= count; number++) {
      const round = await oneFails(context, edge, number % TWO_VIPS.length);
      rounds.push(round);
      context.progress.say(`round ${number} of ${count}: taken over in ${round.lost.toFixed(3)} s, back after ${round.delay.toFixed(1)} s in ${round.back.toFixed(3)} s`);
    }
    const early = rounds.filter(({ delay }) => delay < PREEMPT_DELAY_SECONDS).length;
    const soon = { goal: 0.15, limit: 0.3, because: 'the node with the lower priority gives up at the first advert' };
    findings.spread('cable pulled: address of the lost node served again', rounds.map(({ lost }) => lost), 's', { worst: TAKEN_OVER });
    findings.add('longest outage of the other address', Math.max(...rounds.map(({ untouched }) => untouched)), 's', { limit: 0.05, because: 'it does not move' });
    findings.spread('address goes back: outage', rounds.map(({ back }) => back), 's', { worst: soon });
    findings.add(`rounds in which it went back before the delay of ${PREEMPT_DELAY_SECONDS} s`, early, 'rounds', { goal: 0 });
    const because = 'delay, three adverts, and the check\'s rise';
    findings.add('from the cable plugged in until the address is back, longest', Math.max(...rounds.map(({ delay }) => delay)), 's', { limit: PREEMPT_DELAY_SECONDS + 5, because });
    return findings.results;
  },
};

async function oneFails({ cluster }: ScenarioContext, edge: EdgeUnderTest, which: number): Promise<Round> {
  await spread(edge);
  const [own, others] = [TWO_VIPS[which], TWO_VIPS[1 - which]];
  const node = await holderOf(edge, own);
  const [ownClient, otherClient] = await begun(...[own, others].map(vip => probe(cluster, `${vip}:80`, MOST_SECONDS)));
  await node.pullCable();
  try {
    await sleep(PULLED_SECONDS * 1000);
    const taken = await Promise.all(TWO_VIPS.map(vip => cluster.holders(vip)));
    if (taken.some(holders => holders.join() !== edge.other(node).name)) throw new Error(`not both addresses on ${edge.other(node).name}: ${taken.join(' / ')}`);
  } finally {
    await undo(() => node.plugCable());
  }
  const plugged = Date.now();
  await until(`${own} is back on ${node.name}`, SPREAD_WITHIN_SECONDS, async () => (await cluster.holders(own)).join() === node.name);
  const delay = (Date.now() - plugged) / 1000;
  await sleep(1500); // the client notices the move a little later
  const [seen, other] = [await ownClient.end(), await otherClient.end()];
  return {
    lost: longest(seen.outages.filter(({ at }) => at * 1000 < plugged)),
    back: longest(seen.outages.filter(({ at }) => at * 1000 >= plugged)),
    untouched: other.longestOutageSeconds,
    delay,
  };
}

/** Waits until each node holds one address. */
async function spread(edge: EdgeUnderTest): Promise<void> {
  await edge.settled();
  await until('each node holds one address', SPREAD_WITHIN_SECONDS, async () => {
    const holders = await Promise.all(TWO_VIPS.map(vip => edge.cluster.holders(vip)));
    return holders.every(names => names.length === 1) && holders[0][0] !== holders[1][0];
  }, 500);
}

async function holderOf(edge: EdgeUnderTest, vip: string): Promise<Node> {
  const [name] = await edge.cluster.holders(vip);
  return edge.nodes.find(node => node.name === name)!;
}
