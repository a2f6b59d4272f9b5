// measures what clients of the virtual IP notice while the gateways of its nodes are replaced one after another
// a node does not serve for some seconds while its gateway is replaced, so the address has to leave the node before

import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { begun, heldAfter, probe, Running, watchHolders } from './measure';
import { Outage, ProbeReport, VipsReport } from './reports';
import { Node } from '../cluster/node';

/** Long, because a busy machine answers late, and a late answer is not a lost connection. */
const PATIENCE_SECONDS = 3;
/** 50 connections a second, which two cores can carry. Each failed connection is one outage. */
export const PATIENT_CLIENT = ['--tls', '--interval', '20ms', '--merge', '0s', '--timeout', `${PATIENCE_SECONDS}s`];
/** Flags of the probes of each node's own address. */
const NODE = ['--tls', '--interval', '100ms', '--merge', '250ms', '--timeout', `${PATIENCE_SECONDS}s`];
/** Upper bound of a request's time without a fault. */
const LONGEST_REQUEST_SECONDS = 0.5;
const MOST_SECONDS = 300;

/** What clients noticed while the gateways were replaced. */
export interface Cost {
  readonly probes: number;
  readonly moves: number;
  /** Connections that failed because the address moved while they were open. */
  readonly underWay: number;
  /** All other failed connections. */
  readonly lost: number;
  readonly longestOutage: number;
  /** Longest time that a node held the address while its gateway did not answer, in seconds. */
  readonly heldInVain: number;
  /** Shortest time between the address leaving a node and its gateway's end; infinite if none ended. */
  readonly ahead: number;
  readonly seconds: number;
  /** What failed and when, as text for the log. */
  readonly story: string;
}

/** Replaces the gateways while clients connect 50 times a second. */
export async function costOf(edge: EdgeUnderTest, replace: () => Promise<unknown>): Promise<Cost> {
  const { cluster, nodes, example: { address } } = edge;
  const since = Date.now() / 1000;
  const client = probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT);
  const direct = nodes.map((node): [Node, Running<ProbeReport>] => [node, probe(cluster, edge.targetOn(node, 443), MOST_SECONDS, ...NODE)]);
  const holders = watchHolders(cluster, address, MOST_SECONDS);
  await begun(client, holders);
  await replace();
  const seconds = Date.now() / 1000 - since;
  const [probed, held] = [await client.end(), await holders.end()];
  const silences = await Promise.all(direct.map(async ([node, one]) => ({ node, ...await one.end() })));
  return { ...lossesOf(probed, held), ...orderOf(silences, held), seconds, story: storyOf(since, probed, held, silences) };
}

/** Probe of a node's own address: its outages are the times without a gateway. */
type Silence = ProbeReport & { readonly node: Node };

/** Compares when the address left each node with when the node's gateway stopped to answer. */
function orderOf(silences: Silence[], held: VipsReport) {
  const moves = movesOf(held);
  const each = silences.flatMap(({ node: { name }, outages }) => outages.map(({ at, seconds }) => ({
    heldInVain: heldAfter(held, name, at) - heldAfter(held, name, at + seconds),
    ahead: at - Math.max(-Infinity, ...moves.filter(move => move.from.includes(name) && move.at <= at).map(move => move.at)),
  })));
  return { heldInVain: Math.max(0, ...each.map(one => one.heldInVain)), ahead: Math.min(...each.map(one => one.ahead)) };
}

/** Sorts the failures. A connection to the node that the address leaves breaks. */
export function lossesOf({ outages, probes, longestOutageSeconds }: ProbeReport, held: VipsReport) {
  const moves = movesOf(held);
  const underWay = outages.filter(outage => moves.some(({ at }) => outage.at < at && at - outage.at < waitedAt(outage))).length;
  return { probes, moves: moves.length, underWay, lost: outages.length - underWay, longestOutage: longestOutageSeconds };
}

/** The longest time that a failed connection can have been open: the whole timeout if it timed out. */
function waitedAt({ by }: Outage): number {
  return Object.keys(by).every(kind => kind.endsWith(':timeout')) ? PATIENCE_SECONDS : LONGEST_REQUEST_SECONDS;
}

/** The times at which nodes gave up the address. */
function movesOf({ changes }: VipsReport): { at: number; from: string[] }[] {
  const given = changes.slice(1).map(({ at, holders }, i) => ({ at, from: changes[i].holders.filter(name => !holders.includes(name)) }));
  return given.filter(({ from }) => from.length > 0);
}

function storyOf(since: number, probed: ProbeReport, held: VipsReport, silences: Silence[]): string {
  const after = (at: number) => (at - since).toFixed(3);
  const moves = held.changes.map(({ at, holders }) => `${holders.join('+') || 'no node'} from ${after(at)}`);
  const failed = probed.outages.map(({ at, seconds, by }) => `${after(at)} for ${seconds.toFixed(3)} ${Object.keys(by).join()}`);
  const silent = silences.map(({ node, outages }) => `${node.name} silent ${outages.map(({ at, seconds }) => `from ${after(at)} for ${seconds.toFixed(3)}`).join(', ')}`);
  return [...moves, ...silent, ...failed].join('; ');
}

/** Adds the figures of some rounds. */
export function addCosts(findings: Findings, what: string, costs: Cost[]): void {
  const sum = (part: 'probes' | 'lost' | 'underWay' | 'moves') => costs.reduce((total, one) => total + one[part], 0);
  findings.add(`${what}: new connections lost, of ${sum('probes')}`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}: connections under way that the ${sum('moves')} moves of the VIP broke`, sum('underWay'), 'connections');
  findings.add(`${what}: a node has the VIP while its gateway does not answer, longest`, Math.max(...costs.map(({ heldInVain }) => heldInVain)), 's', { goal: 0 });
  const ahead = Math.min(...costs.map(one => one.ahead));
  if (Number.isFinite(ahead)) findings.add(`${what}: the VIP leaves before its node stops to answer, at least by`, ahead, 's');
  findings.spread(`${what}: longest outage by way of the VIP`, costs.map(({ longestOutage }) => longestOutage), 's');
}
