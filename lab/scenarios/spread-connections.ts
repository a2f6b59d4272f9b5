// spread-connections: three nodes serve one address. Each gets its share; a crash breaks the connections of its node and no others; the
// node's return and planned changes break none

import { sleep } from '../cluster/commands';
import { Node } from '../cluster/node';
import { Progress } from '../cluster/progress';
import { hostOf } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { handoverRound } from '../traffic/handover-round';
import { begun, probe, whenAndWhat } from '../traffic/measure';
import { KEEPALIVED_DELETED, KEEPALIVED_UPDATED, MAINTENANCE, undoing } from '../traffic/planned-moves';
import { ProbeReport } from '../traffic/reports';
import { allOf, Streams, sumOf } from '../traffic/streams';
import { IPV6_ADDRESS } from '../variants/handover';
import { SPREAD } from '../variants/spread-connections';

/** Connections that are open before a crash: a third of 1,500 is 500 with a standard deviation of 18, so that chance does not add 5 %. */
const OPEN_BEFORE = 1_500;
/** Connections that begin between a crash and the node's return. */
const OPEN_SINCE = 300;
/** A connection of the node is reset within two seconds. One that waits for an answer gives up after ten. */
const CRASHED_SECONDS = 14;
/** Opening connections keeps two cores busy; a probe would measure this. */
const QUIET_SECONDS = 3;
const AFTER_SECONDS = 5;
const HASTY_CLIENT = ['--interval', '20ms'];
/** The returned node may answer a second late, when it has found the client again. Each failed connection is one outage. */
const PATIENT_CLIENT = [...HASTY_CLIENT, '--merge', '0s', '--timeout', '3s'];
const MOST_SECONDS = 300;
/** A third, and 5 %. */
const OWN_SHARE = 38.3;
const SERVED_AGAIN = { goal: 0.6, limit: 0.9, because: 'three adverts and a skew, or 0.5 s until a node without a word gets no new ones' };

interface Crash {
  readonly node: string;
  /** Connections that were open before it, by node. */
  readonly nodes: { readonly [name: string]: number };
  /** All that broke, by node. */
  readonly brokenNodes: { readonly [name: string]: number };
  readonly brokenBy: { readonly [kind: string]: number };
  readonly opened: number;
  /** Longest outages of new connections, in seconds. */
  readonly outage: number;
  /** New connections at its return, and those of them that failed. */
  readonly returned: { readonly probes: number; readonly lost: number };
}

export const spreadConnections: Scenario = {
  name: 'spread-connections',
  title: 'three nodes serve one VIP: shares, a crash of each node, its return, planned changes',
  edges: 3,
  run: async context => {
    const findings = new Findings('spread-connections', context.profile);
    const edge = await context.edges.use(SPREAD, { gatewaysOn: 'worker' });
    const crashes: Crash[] = [];
    for (const node of edge.nodes) {
      const seen = await crash(context, edge, node);
      context.progress.say(`${node.name} crashes: ${JSON.stringify(seen)}`);
      crashes.push(seen);
    }
    judgeCrashes(crashes, findings);
    await planned(context, edge, findings);
    return findings.results;
  },
};

/** A node without its cable. Idle connections survive it; others end when they miss an answer. */
async function crash({ progress }: ScenarioContext, edge: EdgeUnderTest, node: Node): Promise<Crash> {
  await edge.settled(120);
  const before = await Streams.open(edge, IPV6_ADDRESS, OPEN_BEFORE, MOST_SECONDS);
  return undoing([async () => node.plugCable()], async () => {
    const crashed = await probed(progress, edge, `${node.name} crashes`, HASTY_CLIENT, async () => {
      await node.pullCable();
      await sleep(CRASHED_SECONDS * 1000);
    });
    const since = await Streams.open(edge, IPV6_ADDRESS, OPEN_SINCE, MOST_SECONDS);
    const returned = await probed(progress, edge, `${node.name} comes back`, PATIENT_CLIENT, async () => {
      await node.plugCable();
      await edge.settled(120);
      await sleep(AFTER_SECONDS * 1000);
    });
    const parts = await Promise.all([before, since].map(async one => one.end()));
    const { brokenBy, brokenNodes, nodes } = allOf(parts);
    return { node: node.name, nodes: parts[0].nodes, brokenNodes, brokenBy, opened: sumOf(nodes), outage: crashed.outage, returned };
  });
}

/** Connects over both families while something happens. A connection that began before is an open one: the outage begins with the event. */
async function probed(progress: Progress, edge: EdgeUnderTest, what: string, flags: string[], work: () => Promise<void>) {
  await sleep(QUIET_SECONDS * 1000);
  const targets = [edge.target(), `${hostOf(IPV6_ADDRESS)}:80`];
  const clients = await begun(...targets.map(target => probe(edge.cluster, target, MOST_SECONDS, ...flags)));
  const began = Date.now();
  await work();
  const reports = await Promise.all(clients.map(async client => client.end()));
  const outages = reports.flatMap(report => report.outages);
  outages.forEach(outage => progress.say(`${what}, outage ${whenAndWhat(outage, began)}`));
  const sum = (figure: (report: ProbeReport) => number) => reports.reduce((total, report) => total + figure(report), 0);
  return {
    outage: Math.max(0, ...outages.map(({ at, seconds }) => Math.min(seconds, at + seconds - began / 1000))),
    probes: sum(({ probes }) => probes),
    lost: sum(({ bad }) => bad),
  };
}

function judgeCrashes(crashes: Crash[], findings: Findings): void {
  const percent = (times: number, nodes: Crash['nodes']) => times / sumOf(nodes) * 100;
  const total = (figure: (one: Crash) => number) => crashes.reduce((sum, one) => sum + figure(one), 0);
  const shares = crashes.map(({ nodes }) => percent(Math.max(...Object.values(nodes)), nodes));
  const losses = crashes.map(({ node, nodes, brokenNodes }) => percent(brokenNodes[node] ?? 0, nodes));
  findings.add('largest share of a node in the open connections, all of which its crash can break', Math.max(...shares), '%', { goal: OWN_SHARE });
  findings.add('a node crashes: largest share of the open connections that broke before it came back', Math.max(...losses), '%', { goal: OWN_SHARE });
  const others = total(({ node, brokenNodes }) => sumOf(brokenNodes) - (brokenNodes[node] ?? 0));
  findings.add(`a node crashes and comes back: connections of the other nodes that broke, of ${total(one => one.opened)}`, others, 'connections', { goal: 0 });
  findings.spread('a node crashes: new connections are served again', crashes.map(({ outage }) => outage), 's', { worst: SERVED_AGAIN });
  findings.add(`a node comes back: new connections lost, of ${total(({ returned }) => returned.probes)}`, total(({ returned }) => returned.lost), 'connections', { goal: 0 });
}

async function planned({ profile, progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const changes = [KEEPALIVED_DELETED, KEEPALIVED_UPDATED, KEEPALIVED_DELETED, MAINTENANCE];
  const seen = await handoverRound({ edge, ipv6Address: IPV6_ADDRESS }, changes, profile.handover);
  progress.say(`planned changes: ${JSON.stringify(seen)}`);
  const { streams: { opened, broken }, requests, failed, moves, perSecond } = seen;
  const name = `planned changes, ${moves} moves of the VIP`;
  findings.add(`${name}: open connections that broke or got a wrong byte, of ${opened.IPv4 + opened.IPv6}`, broken.IPv4 + broken.IPv6, 'connections', { goal: 0 });
  findings.add(`${name}: new connections that failed, of ${requests}, ${Math.round(perSecond)} a second`, failed, 'connections', { goal: 0 });
}
