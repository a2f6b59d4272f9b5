// handover: the virtual IP moves by planned changes while connections of all kinds are open and new ones come. PLAIN breaks the open
// ones, SEAMLESS breaks none. Each connection checks every byte that it gets

import { withSettings } from '../cluster/network';
import { INTERFACE } from '../cluster/topology';
import { Example } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { HandoverRound, handoverRound } from '../traffic/handover-round';
import { FRONT_UPDATED, GATEWAY_REPLACED, KEEPALIVED_DELETED, KEEPALIVED_UPDATED, MAINTENANCE, PlannedMove } from '../traffic/planned-moves';
import { allOf, sumOf } from '../traffic/streams';
import { behindFronts, gatewaysOnHosts, gatewaysOnLoopback, HowItMoves, IPV6_ADDRESS, MovingEdge } from '../variants/handover';
import { Handover } from 'cdk8s-istio-edge';

/** As docs/front-proxies.md says: no new connection is lost when a front proxy is updated. */
const SETTINGS = { 'net.ipv4.tcp_migrate_req': '1' };

interface Topology {
  readonly edge: (how: HowItMoves) => MovingEdge;
  readonly hasFront: boolean;
  readonly gatewayOnNodes: boolean;
}

const behind = (engine: Example['engine']): Topology => ({ edge: how => behindFronts(engine, how), hasFront: true, gatewayOnNodes: false });

/** CI measures the first. */
const TOPOLOGIES: Topology[] = [
  behind('envoy'), behind('haproxy'), behind('nginx'),
  { edge: gatewaysOnHosts, hasFront: false, gatewayOnNodes: true },
  { edge: gatewaysOnLoopback, hasFront: true, gatewayOnNodes: true },
];

export const handover: Scenario = {
  name: 'handover',
  title: 'open connections of all kinds and new ones while the VIP moves by every planned change, seamlessly and plainly',
  run: async context => {
    const findings = new Findings('handover', context.profile);
    const isFull = context.profile.name === 'full';
    await withSettings(context.cluster.edges.map(({ name }) => name), SETTINGS, async () => {
      for (const topology of isFull ? TOPOLOGIES : TOPOLOGIES.slice(0, 1)) {
        await seamless(context, topology, findings);
      }
      if (!isFull) return;
      await returnPaths(context, findings);
      await plain(context, TOPOLOGIES[0], findings);
    });
    return findings.results;
  },
};

/** In the first round, the address stays where it is. In the second one it goes home after each change, which makes two moves. */
async function seamless(context: ScenarioContext, { edge, hasFront, gatewayOnNodes }: Topology, findings: Findings): Promise<void> {
  const [stays, home] = [false, true].map(goesHome => edge({ handover: Handover.SEAMLESS, goesHome }));
  const front = hasFront ? [FRONT_UPDATED] : [];
  const changes = [KEEPALIVED_DELETED, KEEPALIVED_UPDATED, KEEPALIVED_DELETED, ...front, gatewayOnNodes ? GATEWAY_REPLACED : MAINTENANCE];
  const rounds = [await measure(context, stays, changes)];
  if (context.profile.name === 'full') {
    rounds.push(await measure(context, home, [...Array<PlannedMove>(6).fill(KEEPALIVED_DELETED), KEEPALIVED_UPDATED, ...front, MAINTENANCE]));
  }
  judge(stays, '', rounds, findings);
}

/** For comparison. */
async function plain(context: ScenarioContext, { edge }: Topology, findings: Findings): Promise<void> {
  const moving = edge({ handover: Handover.PLAIN });
  judge(moving, '', [await measure(context, moving, [KEEPALIVED_DELETED, MAINTENANCE])], findings);
}

/** The kernel's check of the way back to the sender: off, strict and loose. */
async function returnPaths(context: ScenarioContext, findings: Findings): Promise<void> {
  const moving = behindFronts('envoy', { handover: Handover.SEAMLESS });
  for (const value of ['0', '1', '2']) {
    const filters = { 'net.ipv4.conf.all.rp_filter': value, [`net.ipv4.conf.${INTERFACE}.rp_filter`]: value };
    const seen = await withSettings(
      context.cluster.edges.map(({ name }) => name), filters, () => measure(context, moving, [KEEPALIVED_DELETED, KEEPALIVED_DELETED]),
    );
    judge(moving, `, rp_filter ${value}`, [seen], findings);
  }
}

async function measure(context: ScenarioContext, { example, mesh, home }: MovingEdge, changes: PlannedMove[]): Promise<HandoverRound> {
  const { edges, profile, progress } = context;
  const edge = mesh ? await edges.useWithIstio(example, mesh) : await edges.use(example, { gatewaysOn: 'worker' });
  const seen = await handoverRound({ edge, ipv6Address: IPV6_ADDRESS, home }, changes, profile.handover);
  progress.say(`${example.name}: ${JSON.stringify(seen)}`);
  return seen;
}

/** PLAIN has no goal. */
function judge({ example }: MovingEdge, more: string, rounds: HandoverRound[], findings: Findings): void {
  const isSeamless = example.name.includes('seamless');
  const goal = isSeamless ? { goal: 0 } : {};
  const moves = total(rounds, round => round.moves);
  const { opened, broken, nodes, longestStallMs, notOpened } = allOf(rounds.map(({ streams }) => streams));
  const add = (criterion: string, ...figure: [number, string, object?]) => findings.add(`${example.name}${more}, ${moves} moves: ${criterion}`, ...figure);
  for (const family of ['IPv4', 'IPv6'] as const) {
    add(`open ${family} connections that broke or got a wrong byte, of ${opened[family]}`, broken[family], 'connections', goal);
  }
  const requests = total(rounds, one => one.requests);
  const failed = total(rounds, one => one.failed) + sumOf(notOpened);
  const rate = Math.round(total(rounds, ({ perSecond }) => perSecond) / rounds.length);
  add(`new connections that failed, of ${requests}, ${rate} a second`, failed, 'connections', goal);
  add('longest time without a new connection', Math.max(...rounds.map(({ longestGapMs }) => longestGapMs)) / 1000, 's');
  add('longest stall of an open connection', Math.max(...Object.values(longestStallMs)) / 1000, 's');
  Object.entries(nodes).sort().forEach(([name, times]) => add(`open connections that ${name} served`, times, 'connections'));
  const moving = rounds.flatMap(round => round.changes).filter(({ takers }) => takers.length > 0);
  const unrelayed = moving.filter(({ relayed }) => relayed === 0).length;
  add(`changes that moved the VIP, after which no connection was relayed, of ${moving.length}`, unrelayed, 'changes', goal);
}

function total(rounds: HandoverRound[], figure: (round: HandoverRound) => number): number {
  return rounds.reduce((sum, round) => sum + figure(round), 0);
}
