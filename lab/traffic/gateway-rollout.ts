// measures what clients of the virtual IP notice while the gateways of its nodes are replaced one after another.
// A node does not serve for some seconds while its gateway is replaced, so the address has to leave the node first

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
/** Longest run of a measurement. */
const MOST_SECONDS = 300;

/** What clients noticed while the gateways were replaced once. */
export interface Rollout {
  readonly probes: number;
  readonly moves: number;
  /** Connections that failed because the address moved while they were open. */
  readonly broken: number;
  /** All other failed connections. */
  readonly lost: number;
  readonly longestOutage: number;
  /** Longest time that a node held the address while its gateway did not answer, in seconds. */
  readonly heldWithoutGateway: number;
  /** Shortest time between the address leaving a node and its gateway's end; infinite if none ended. */
  readonly leadSeconds: number;
  readonly seconds: number;
  /** What failed and when, for the log. */
  readonly timeline: string;
}

/** Replaces the gateways while clients connect 50 times a second. */
export async function measureRollout(edge: EdgeUnderTest, replace: () => Promise<unknown>): Promise<Rollout> {
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
  return { ...lossesOf(probed, held), ...orderOf(silences, held), seconds, timeline: timelineOf(since, probed, held, silences) };
}

/** Probe of a node's own address: its outages are the times without a gateway. */
type Silence = ProbeReport & { readonly node: Node };

/** Compares when the address left each node with when the node's gateway stopped to answer. */
function orderOf(silences: Silence[], held: VipsReport) {
  const moves = movesOf(held);
  const each = silences.flatMap(({ node: { name }, outages }) => outages.map(({ at, seconds }) => ({
    heldWithoutGateway: heldAfter(held, name, at) - heldAfter(held, name, at + seconds),
    leadSeconds: at - Math.max(-Infinity, ...moves.filter(move => move.from.includes(name) && move.at <= at).map(move => move.at)),
  })));
  return { heldWithoutGateway: Math.max(0, ...each.map(one => one.heldWithoutGateway)), leadSeconds: Math.min(...each.map(one => one.leadSeconds)) };
}

/** Sorts the failures. A connection to the node that the address leaves breaks. */
export function lossesOf({ outages, probes, longestOutageSeconds }: ProbeReport, held: VipsReport) {
  const moves = movesOf(held);
  const broken = outages.filter(outage => moves.some(({ at }) => outage.at < at && at - outage.at < waitedAt(outage))).length;
  return { probes, moves: moves.length, broken, lost: outages.length - broken, longestOutage: longestOutageSeconds };
}

/** The longest time that a failed connection can have been open: the whole timeout if it timed out. */
function waitedAt({ by }: Outage): number {
  return Object.keys(by).every(kind => kind.endsWith(':timeout')) ? PATIENCE_SECONDS : LONGEST_REQUEST_SECONDS;
}

/** The times at which nodes gave up the address. */
export function movesOf({ changes }: VipsReport): { at: number; from: string[] }[] {
  const given = changes.slice(1).map(({ at, holders }, i) => ({ at, from: changes[i].holders.filter(name => !holders.includes(name)) }));
  return given.filter(({ from }) => from.length > 0);
}

function timelineOf(since: number, probed: ProbeReport, held: VipsReport, silences: Silence[]): string {
  const after = (at: number) => (at - since).toFixed(3);
  const moves = held.changes.map(({ at, holders }) => `${holders.join('+') || 'no node'} from ${after(at)}`);
  const failed = probed.outages.map(({ at, seconds, by }) => `${after(at)} for ${seconds.toFixed(3)} ${Object.keys(by).join()}`);
  const silent = silences.map(({ node, outages }) => `${node.name} silent ${outages.map(({ at, seconds }) => `from ${after(at)} for ${seconds.toFixed(3)}`).join(', ')}`);
  return [...moves, ...silent, ...failed].join('; ');
}

/** Adds the figures of some rollouts. */
export function addRollouts(findings: Findings, what: string, rollouts: Rollout[]): void {
  const sum = (part: 'probes' | 'lost' | 'broken' | 'moves') => rollouts.reduce((total, one) => total + one[part], 0);
  findings.add(`${what}: new connections lost, of ${sum('probes')}`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}: open connections that the ${sum('moves')} moves of the VIP broke`, sum('broken'), 'connections');
  findings.add(`${what}: a node holds the VIP while its gateway does not answer, longest`, Math.max(...rollouts.map(({ heldWithoutGateway }) => heldWithoutGateway)), 's', { goal: 0 });
  const leadSeconds = Math.min(...rollouts.map(one => one.leadSeconds));
  if (Number.isFinite(leadSeconds)) findings.add(`${what}: the VIP leaves before its node stops to answer, at least by`, leadSeconds, 's');
  findings.spread(`${what}: longest outage by way of the VIP`, rollouts.map(({ longestOutage }) => longestOutage), 's');
}
