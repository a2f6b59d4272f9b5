// repeats a fault on an edge with a virtual IP: measures the client's outage, and whether two nodes held the address

import { sleep, undo, until } from '../cluster/commands';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Bound } from '../findings';
import { begun, longest, now, probe, Running, twoHoldersAfter, watchHolders } from './measure';
import { ProbeReport } from './reports';
import { Node } from '../cluster/node';
import { ScenarioContext } from '../scenario';

export interface Fault {
  /** Name in the table of results. */
  readonly name: string;
  /** Seconds until the fault is repaired. @default 2.5 */
  readonly seconds?: number;
  /** ARP's retry interval, if the nodes forget each other's hardware address. @default - they keep it */
  readonly arpSeconds?: number;
  /** keepalived is replaced: count two masters only from the time that its successor has a state. @default false */
  readonly endsKeepalived?: boolean;
  /** The address may stay: kubelet may restart the process before the backup has missed three adverts. @default false */
  readonly mayStay?: boolean;
  /** Breaks the node that holds the address. Returns the repair, unless the fault ends by itself. */
  harm(edge: EdgeUnderTest, holder: Node): Promise<(() => Promise<void>) | void>;
}

/** The node loses its carrier. */
export const CABLE_PULLED: Fault = {
  name: 'cable pulled',
  harm: async (_, holder) => {
    await holder.pullCable();
    return async () => holder.plugCable();
  },
};

/** Figures of one round, in seconds. */
export interface Round {
  /** From the first request that failed because of the fault to the next one that was answered. */
  readonly outage: number;
  /** The same, for failures after the repair. */
  readonly afterwards: number;
  /** Longest time with two holders after the repair, or after the new keepalived has a state. */
  readonly twoMasters: number;
  /** Longest time with two holders since the fault began. */
  readonly twoHolders: number;
  readonly moved: boolean;
}

/** VRRP's skew in advert intervals: (256 - priority) / 256. The second node has priority 249. */
const SKEW = (256 - 249) / 256;

/** Failover time when a front proxy dies: the check runs every 200 ms; two failures count as down. */
export const PROXY_DEAD: Bound & { readonly limit: number } = { goal: 2.5, limit: 3 * 0.2 + 0.2, because: '3 × interval, and 200 ms to start the questions and move' };

/** Failover time when a front proxy hangs: one check without an answer for a second counts as down. */
export const PROXY_HUNG: Bound & { readonly limit: number } = { goal: 3.5, limit: 0.2 + 1 + 0.2, because: 'interval, timeout, and 200 ms to start the question and move' };

/** Time of a planned hand-over: the master sends an advert with priority 0. */
export const HANDED_OVER: Bound = { goal: 0.15, limit: 0.1, because: 'skew of a few milliseconds, and 100 ms to say so' };

/** Outage of the client when the MASTER is lost without a word. */
export function takenOverBound(advert: number): Bound & { readonly limit: number } {
  return { limit: (3 + SKEW) * advert + 0.05, because: '3 × advert + skew, and 50 ms to notice' };
}

/**
 * How long there may be two masters after a repair. A node notices a loss of carrier itself.
 * After a partition, both nodes are MASTER until an advert arrives. If the kernel has forgotten the peer's hardware
 * address, ARP asks for it first.
 */
export function twoMastersBound(advert: number, arpSeconds = 0): Bound {
  const limit = arpSeconds > 0
    ? { limit: advert + arpSeconds, because: 'one advert, and one interval of ARP where the peer\'s address was forgotten' }
    : { limit: advert + 0.1, because: 'one advert, and 100 ms to notice' };
  return { goal: advert, ...limit, slackSeconds: 0.3 };
}

/** Longest time of a round, from the fault until the edge is settled. */
const ROUND_SECONDS = 90;

/** Repeats a fault. Each round begins with a settled edge. */
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

/** Waits until a new keepalived on this node has a state; returns the time. */
async function recovered(edge: EdgeUnderTest, node: Node, before: number[]): Promise<number> {
  await until(`keepalived runs on ${node.name} again`, ROUND_SECONDS - 10, () =>
    !edge.keepalivedProcesses(node).some(pid => before.includes(pid)) && edge.vrrpState(node) !== '', 20);
  return now();
}

/** Probes 443 where there is Istio, because Istio only redirects on 80. */
function clientOf(edge: EdgeUnderTest): Running<ProbeReport> {
  const [port, flags] = edge.istio ? [443, ['--tls', '--interval', '10ms']] : [80, []];
  return probe(edge.cluster, edge.target(port), ROUND_SECONDS, ...flags);
}

async function round(edge: EdgeUnderTest, fault: Fault, settled: () => Promise<void>): Promise<Round> {
  const { cluster, example: { address } } = edge;
  const holder = await edge.holder();
  const [client, holders] = await begun(clientOf(edge), watchHolders(cluster, address, ROUND_SECONDS));
  const keepalived = edge.keepalivedProcesses(holder); // taken now, because a killed keepalived's VRRP child lives some milliseconds longer
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
  if (requests.bad === requests.probes) throw new Error(`${fault.name}: no request was served, not even before`);
  const bad = requests.outages.filter(outage => outage.at >= harmed - 0.6);
  return {
    outage: longest(mend ? bad.filter(outage => outage.at < over) : bad),
    afterwards: mend ? longest(bad.filter(outage => outage.at >= over)) : 0,
    twoMasters: twoHoldersAfter(vips, over),
    twoHolders: twoHoldersAfter(vips, harmed),
    moved,
  };
}
