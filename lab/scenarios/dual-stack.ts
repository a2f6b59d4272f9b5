// dual-stack: the IPv4 and the IPv6 address of one virtual IP are on the same node. Both serve, and both move when the node is lost. Gateways on
// the nodes, driven by a real istiod, serve both families

import { sleep, undo } from '../cluster/commands';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { judgeAnswers } from '../traffic/answers';
import { takenOverBound } from '../traffic/faults';
import { begun, probe, watchHolders } from '../traffic/measure';
import { VipsReport } from '../traffic/reports';
import { DUAL_STACK, DUAL_STACK_DEPLOYED, DUAL_STACK_MESH, DUAL_STACK_ON_HOSTS, IPV6_ON_LOOPBACK, IPV6_VIP } from '../variants/dual-stack';

const MOST_SECONDS = 90;
const HARM_SECONDS = 2.5;
const CRASH = takenOverBound(0.2);

interface Round {
  readonly ipv4: number;
  readonly ipv6: number;
  readonly apart: number;
  readonly moved: boolean;
}

export const dualStack: Scenario = {
  name: 'dual-stack',
  title: 'an IPv4 and an IPv6 VIP serve and move together',
  run: async context => {
    const findings = new Findings('dual-stack', context.profile);
    await judgeMoves(context, await context.edges.use(DUAL_STACK, { gatewaysOn: 'worker' }), 'cable pulled', findings);
    for (const [one, what] of [[DUAL_STACK_ON_HOSTS, 'Istio on the nodes'], [DUAL_STACK_DEPLOYED, 'deployed by istiod on the nodes']] as const) {
      const onHosts = await context.edges.useWithIstio(one, DUAL_STACK_MESH);
      await judgeAnswers(onHosts, addressesOf(onHosts, [one.address, IPV6_VIP]), findings);
      await judgeMoves(context, onHosts, `${what}, cable pulled`, findings);
    }
    const onLoopback = await context.edges.useWithIstio(IPV6_ON_LOOPBACK, DUAL_STACK_MESH);
    await judgeAnswers(onLoopback, addressesOf(onLoopback, [IPV6_VIP]), findings);
    return findings.results;
  },
};

/** The virtual addresses, and each node's own addresses of the same families. */
function addressesOf({ nodes }: EdgeUnderTest, virtual: string[]): string[] {
  return [...virtual, ...nodes.flatMap(({ spec }) => virtual.map(address => address.includes(':') ? spec.ipv6 : spec.ipv4))];
}

async function judgeMoves(context: ScenarioContext, edge: EdgeUnderTest, what: string, findings: Findings): Promise<void> {
  const rounds: Round[] = [];
  const count = context.profile.name === 'ci' ? 1 : context.rounds;
  for (let number = 1; number <= count; number++) {
    const round = await cablePulled(context, edge);
    rounds.push(round);
    context.progress.say(`${what}, ${number} of ${count}: IPv4 ${round.ipv4.toFixed(3)} s, IPv6 ${round.ipv6.toFixed(3)} s, apart ${round.apart.toFixed(3)} s`);
  }
  findings.spread(`${what}: served again over IPv4`, rounds.map(({ ipv4 }) => ipv4), 's', { worst: CRASH });
  findings.spread(`${what}: served again over IPv6`, rounds.map(({ ipv6 }) => ipv6), 's', { worst: CRASH });
  findings.add(`${what}: rounds in which not both have moved`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
  findings.add(`${what}: longest time on different nodes`, Math.max(...rounds.map(({ apart }) => apart)), 's', { limit: 0.1, because: 'one process sets both' });
}

async function cablePulled({ cluster }: ScenarioContext, edge: EdgeUnderTest): Promise<Round> {
  await edge.settled();
  const holder = await edge.holder();
  const [v4, v6, held4, held6] = await begun(
    probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms'),
    probe(cluster, `[${IPV6_VIP}]:443`, MOST_SECONDS, '--tls', '--interval', '10ms'),
    watchHolders(cluster, edge.example.address, MOST_SECONDS),
    watchHolders(cluster, IPV6_VIP, MOST_SECONDS),
  );
  let moved = false;
  await holder.pullCable();
  try {
    await sleep(HARM_SECONDS * 1000);
    const holders = [await cluster.holders(edge.example.address), await cluster.holders(IPV6_VIP)];
    moved = holders.every(names => names.join() === edge.other(holder).name);
  } finally {
    await undo(() => holder.plugCable());
  }
  await edge.settled();
  const [seen4, seen6, vips4, vips6] = [await v4.end(), await v6.end(), await held4.end(), await held6.end()];
  return { ipv4: seen4.longestOutageSeconds, ipv6: seen6.longestOutageSeconds, apart: longestApart(vips4, vips6), moved };
}

/** Longest time during which the two addresses were not on the same machines. */
function longestApart(one: VipsReport, other: VipsReport): number {
  const end = Math.min(one.started + one.seconds, other.started + other.seconds);
  const begin = Math.max(one.changes[0].at, other.changes[0].at);
  const times = [...one.changes, ...other.changes].map(({ at }) => at).filter(at => at > begin && at < end).sort((a, b) => a - b);
  const at = (seen: VipsReport, time: number) => [...seen.changes].reverse().find(change => change.at <= time)?.holders.join();
  let longest = 0;
  let since: number | undefined;
  for (const time of [begin, ...times, end]) {
    const apart = time < end && at(one, time) !== at(other, time);
    if (since !== undefined && !apart) longest = Math.max(longest, time - since);
    since = apart ? since ?? time : undefined;
  }
  return longest;
}
