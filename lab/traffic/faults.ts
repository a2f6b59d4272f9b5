// one fault after the other on an edge with a virtual IP: what the client notices, until it is served again, and whether two nodes held the address

import { sleep, undo, until } from '../cluster/commands';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Bound } from '../findings';
import { begun, now, probe, Running, twoHoldersAfter, watchHolders } from './measure';
import { Outage, ProbeReport } from './reports';
import { Node } from '../cluster/node';
import { ScenarioContext } from '../scenario';

export interface Fault {
  /** As in the table. */
  readonly name: string;
  /** How long it lasts before it is mended. @default 2.5 */
  readonly seconds?: number;
  /** The nodes do not hear each other, and neither knows: how often ARP asks for the other's address then. @default - each node knows */
  readonly arpSeconds?: number;
  /** keepalived on the node is replaced; what two nodes held before its successor has a state is another figure. @default false */
  readonly endsKeepalived?: boolean;
  /** kubelet may restart what was killed before the other node has missed three adverts. @default false */
  readonly mayStay?: boolean;
  /** Happens on the node that holds the address. Returns what ends it, if it does not end by itself. */
  harm(edge: EdgeUnderTest, holder: Node): Promise<(() => Promise<void>) | void>;
}

/** What one round has shown. Times are in seconds. */
export interface Round {
  /** From the first request that failed because of the fault to the next one answered. */
  readonly outage: number;
  /** The same, after the fault was mended. */
  readonly afterwards: number;
  /** Longest time with two holders since it was mended, or keepalived there had a state again. */
  readonly twoMasters: number;
  /** The same since the fault began. */
  readonly twoHolders: number;
  readonly moved: boolean;
}

/** What a successor waits for, as a share of the advert interval: (256 - priority) / 256. The second node of every example has 249. */
const SKEW = (256 - 249) / 256;

/** How long until another node serves when a front proxy dies: the default check asks every 200 ms, and two that fail are enough. */
export const PROXY_DEAD: Bound & { readonly limit: number } = { goal: 2.5, limit: 3 * 0.2 + 0.2, because: '3 × interval, and 200 ms to start the questions and move' };

/** The same of one that hangs: one question that is not answered for a second. */
export const PROXY_HUNG: Bound & { readonly limit: number } = { goal: 3.5, limit: 0.2 + 1 + 0.2, because: 'interval, timeout, and 200 ms to start the question and move' };

/** How long a planned hand-over may take: the master says that it goes. */
export const HANDED_OVER: Bound = { goal: 0.15, limit: 0.1, because: 'skew of a few milliseconds, and 100 ms to say so' };

/** How long it may take until the client is served again when a master is lost. */
export function takenOverBound(advert: number): Bound & { readonly limit: number } {
  return { limit: (3 + SKEW) * advert + 0.05, because: '3 × advert + skew, and 50 ms to notice' };
}

/**
 * How long two masters may both be there once a fault is mended, by the advert interval. Carrier loss is a fault that the node itself sees;
 * after a partition, both are masters until an advert arrives, and if the neighbour's address has been forgotten meanwhile, ARP asks for it first.
 */
export function twoMastersBound(advert: number, arpSeconds = 0): Bound {
  const limit = arpSeconds > 0
    ? { limit: advert + arpSeconds, because: 'one advert, and one interval of ARP where the peer\'s address was forgotten' }
    : { limit: advert + 0.1, because: 'one advert, and 100 ms to notice' };
  return { goal: advert, ...limit, slackSeconds: 0.3 };
}

/** Longest a round may take from its fault to a settled edge. */
const ROUND_SECONDS = 90;

/** Repeats a fault; each round begins with an edge that is well. */
export async function repeat(context: ScenarioContext, edge: EdgeUnderTest, fault: Fault, settled = async () => edge.settled()): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let i = 1; i <= context.rounds; i++) {
    await settled();
    const seen = await round(edge, fault, settled);
    rounds.push(seen);
    const times = [seen.outage, seen.afterwards, seen.twoMasters].map(time => time.toFixed(3));
    context.progress.say(`${fault.name} ${i}/${context.rounds}: ${times[0]} s, afterwards ${times[1]} s, two masters ${times[2]} s${seen.moved ? '' : ', stayed'}`);
  }
  return rounds;
}

/** The moment at which another keepalived than before has entered a state on this node. */
async function recovered(edge: EdgeUnderTest, node: Node, before: number[]): Promise<number> {
  await until(`keepalived runs on ${node.name} again`, ROUND_SECONDS - 10, () =>
    !edge.keepalivedProcesses(node).some(pid => before.includes(pid)) && edge.vrrpState(node) !== '', 20);
  return now();
}

/** Istio answers on 80 with a redirect, which is not the service. */
function clientOf(edge: EdgeUnderTest): Running<ProbeReport> {
  const [port, flags] = edge.istio ? [443, ['--tls', '--interval', '10ms']] : [80, []];
  return probe(edge.cluster, edge.target(port), ROUND_SECONDS, ...flags);
}

async function round(edge: EdgeUnderTest, fault: Fault, settled: () => Promise<void>): Promise<Round> {
  const { cluster, example: { address } } = edge;
  const holder = await edge.holder();
  const [client, holders] = await begun(clientOf(edge), watchHolders(cluster, address, ROUND_SECONDS));
  const keepalived = edge.keepalivedProcesses(holder); // its VRRP child outlives it by some milliseconds
  const harmed = now();
  const mend = await fault.harm(edge, holder);
  let over = harmed;
  let moved = false;
  try {
    if (mend || !fault.endsKeepalived) await sleep((fault.seconds ?? 2.5) * 1000);
    else over = await recovered(edge, holder, keepalived);
    moved = (await cluster.holders(address)).some(name => name !== holder.name);
  } finally {
    if (mend) {
      over = now();
      await undo(mend);
    }
  }
  await settled();
  const [requests, vips] = await Promise.all([client.end(), holders.end()]);
  if (requests.bad === requests.probes) throw new Error(`${fault.name}: nobody was served, not even before`);
  const bad = requests.outages.filter(outage => outage.at >= harmed - 0.6);
  return {
    outage: longest(mend ? bad.filter(outage => outage.at < over) : bad),
    afterwards: mend ? longest(bad.filter(outage => outage.at >= over)) : 0,
    twoMasters: twoHoldersAfter(vips, over),
    twoHolders: twoHoldersAfter(vips, harmed),
    moved,
  };
}

function longest(outages: Outage[]): number {
  return Math.max(0, ...outages.map(outage => outage.seconds));
}
