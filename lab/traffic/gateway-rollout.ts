// what clients of the virtual IP notice while the gateways of its nodes are replaced one after the other. Each takes its node out of service
// for some seconds, so the address has to leave before

import { EdgeUnderTest } from '../edge/edge-under-test';
import { Findings } from '../findings';
import { begun, heldAfter, probe, Running, watchHolders } from './measure';
import { Outage, ProbeReport, VipsReport } from './reports';
import { Node } from '../cluster/node';

/** Patient, since the machine is busy: silence is another thing than a late answer. */
const PATIENCE_SECONDS = 3;
/** 50 a second, since more would load two cores; each connection that fails is known by itself. */
export const PATIENT_CLIENT = ['--tls', '--interval', '20ms', '--merge', '0s', '--timeout', `${PATIENCE_SECONDS}s`];
/** How long no client is served by the node's own address. */
const NODE = ['--tls', '--interval', '100ms', '--merge', '250ms', '--timeout', `${PATIENCE_SECONDS}s`];
/** What a whole request takes where nothing is wrong, generously. */
const LONGEST_REQUEST_SECONDS = 0.5;
const MOST_SECONDS = 300;

/** What replacing the gateways has cost. */
export interface Cost {
  readonly probes: number;
  readonly moves: number;
  /** Connections that broke because they had begun when the address moved. */
  readonly underWay: number;
  /** All others that failed. */
  readonly lost: number;
  readonly longestOutage: number;
  /** How long a node had the address while no gateway answered there. */
  readonly heldInVain: number;
  /** Shortest time from the address leaving a node until no gateway answered there; infinite where that never happened. */
  readonly ahead: number;
  readonly seconds: number;
  /** What failed and when, for the log. */
  readonly story: string;
}

/** Replaces the gateways while clients ask 50 times a second. */
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

/** A node's own address, and when no gateway answered there. */
type Silence = ProbeReport & { readonly node: Node };

/** The address should be gone from a node before its gateway is. */
function orderOf(silences: Silence[], held: VipsReport) {
  const moves = movesOf(held);
  const each = silences.flatMap(({ node: { name }, outages }) => outages.map(({ at, seconds }) => ({
    heldInVain: heldAfter(held, name, at) - heldAfter(held, name, at + seconds),
    ahead: at - Math.max(-Infinity, ...moves.filter(move => move.from.includes(name) && move.at <= at).map(move => move.at)),
  })));
  return { heldInVain: Math.max(0, ...each.map(one => one.heldInVain)), ahead: Math.min(...each.map(one => one.ahead)) };
}

/** Of a patient client. A connection that has begun on the node that the address leaves cannot go on at the next one. */
export function lossesOf({ outages, probes, longestOutageSeconds }: ProbeReport, held: VipsReport) {
  const moves = movesOf(held);
  const underWay = outages.filter(outage => moves.some(({ at }) => outage.at < at && at - outage.at < waitedAt(outage))).length;
  return { probes, moves: moves.length, underWay, lost: outages.length - underWay, longestOutage: longestOutageSeconds };
}

/** How long a connection that failed had been there at most: who gave up in the end was waiting all the while. */
function waitedAt({ by }: Outage): number {
  return Object.keys(by).every(kind => kind.endsWith(':timeout')) ? PATIENCE_SECONDS : LONGEST_REQUEST_SECONDS;
}

/** When nodes gave the address up. */
function movesOf({ changes }: VipsReport): { at: number; from: string[] }[] {
  const given = changes.slice(1).map(({ at, holders }, i) => ({ at, from: changes[i].holders.filter(name => !holders.includes(name)) }));
  return given.filter(({ from }) => from.length > 0);
}

function storyOf(since: number, probed: ProbeReport, held: VipsReport, silences: Silence[]): string {
  const after = (at: number) => (at - since).toFixed(3);
  const moves = held.changes.map(({ at, holders }) => `${holders.join('+') || 'nobody'} from ${after(at)}`);
  const failed = probed.outages.map(({ at, seconds, by }) => `${after(at)} for ${seconds.toFixed(3)} ${Object.keys(by).join()}`);
  const silent = silences.map(({ node, outages }) => `${node.name} silent ${outages.map(({ at, seconds }) => `from ${after(at)} for ${seconds.toFixed(3)}`).join(', ')}`);
  return [...moves, ...silent, ...failed].join('; ');
}

/** Of some rounds. */
export function addCosts(findings: Findings, what: string, costs: Cost[]): void {
  const sum = (part: 'probes' | 'lost' | 'underWay' | 'moves') => costs.reduce((total, one) => total + one[part], 0);
  findings.add(`${what}: new connections lost, of ${sum('probes')}`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}: connections under way that the ${sum('moves')} moves of the VIP broke`, sum('underWay'), 'connections');
  findings.add(`${what}: a node has the VIP while its gateway does not answer, longest`, Math.max(...costs.map(({ heldInVain }) => heldInVain)), 's', { goal: 0 });
  const ahead = Math.min(...costs.map(one => one.ahead));
  if (Number.isFinite(ahead)) findings.add(`${what}: the VIP leaves before its node stops to answer, at least by`, ahead, 's');
  findings.spread(`${what}: longest outage by way of the VIP`, costs.map(({ longestOutage }) => longestOutage), 's');
}
