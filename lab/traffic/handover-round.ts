// what clients notice while a virtual IP moves by planned changes: open connections of all kinds, and new ones

import { movesOf } from './gateway-rollout';
import { begun, load, now, Running, watchHolders } from './measure';
import { movedFrom, PlannedMove, undoing } from './planned-moves';
import { LoadReport, VipsReport } from './reports';
import { added, allOf, Carried, Streams, sumOf } from './streams';
import { sleep, until } from '../cluster/commands';
import { hostOf } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';

const MOST_SECONDS = 600;
/** Connections are used for so long after a change. */
const AFTER_SECONDS = 4;
const SETTLED_WITHIN_SECONDS = 120;

export interface Loads {
  /** Connections that are open all the time. */
  readonly open: number;
  /** New connections a second. */
  readonly perSecond: number;
}

/** An edge whose virtual IP has an address of each family. */
export interface Moving {
  readonly edge: EdgeUnderTest;
  readonly ipv6Address: string;
  /** The node to which the address goes back. @default - it stays where it is */
  readonly home?: string;
}

export interface HandoverRound {
  readonly streams: Carried;
  readonly requests: number;
  readonly failed: number;
  readonly failedBy: { readonly [kind: string]: number };
  readonly perSecond: number;
  /** Longest time without a new connection. */
  readonly longestGapMs: number;
  readonly moves: number;
  readonly changes: Change[];
}

interface Change {
  readonly name: string;
  /** Seconds since the epoch when it began. */
  readonly at: number;
  /** The nodes that took the address. None if it stayed. */
  readonly takers: string[];
  /** Most open connections that another node served than the one with the address. */
  readonly relayed: number;
}

/** Makes the changes one after another. Half of the connections are open from the start, half since the first change. */
export async function handoverRound({ edge, ipv6Address, home }: Moving, changes: PlannedMove[], { open, perSecond }: Loads): Promise<HandoverRound> {
  const { cluster, example: { address } } = edge;
  const settled = async () => {
    await edge.settled(SETTLED_WITHIN_SECONDS);
    if (home !== undefined) await until(`${address} is on ${home}`, SETTLED_WITHIN_SECONDS, async () => (await cluster.holders(address)).join() === home, 200);
  };
  await settled();
  const flags = ['--tls', '--workers', '64', '--rate', `${perSecond / 2}`];
  const openHalf = async () => Streams.open(edge, ipv6Address, open / 2, MOST_SECONDS);
  const halves = [await openHalf()];
  const [ipv4, ipv6, holders] = await begun(
    load(cluster, edge.target(443), MOST_SECONDS, ...flags), load(cluster, `${hostOf(ipv6Address)}:443`, MOST_SECONDS, ...flags),
    watchHolders(cluster, ipv6Address, MOST_SECONDS),
  );
  const made: Made[] = [];
  const repairs: (() => Promise<unknown>)[] = [];
  const seen = await undoing(repairs, async () => {
    for (const change of changes) {
      const [holder, at] = [await edge.holder(), now()];
      repairs.push(await change.begin(edge, holder) ?? (async () => undefined));
      if (change.isLast) await movedFrom(edge, holder);
      else if (!change.drains) await settled();
      made.push({ name: change.name, at, halves: halves.length });
      if (halves.length === 1) halves.push(await openHalf());
      await sleep(AFTER_SECONDS * 1000);
    }
    return ended(halves, [ipv4, ipv6], holders);
  });
  await settled();
  const { each, watched, ...figures } = seen;
  return { ...figures, changes: made.map((one, i) => changeOf(one, takersIn(watched, one.at, made[i + 1]?.at ?? Infinity), each)) };
}

/** A change, and how many halves of the connections were open before it. */
interface Made {
  readonly name: string;
  readonly at: number;
  readonly halves: number;
}

/** The nodes that got the address in a time. */
function takersIn({ changes }: VipsReport, from: number, to: number): string[] {
  return changes.filter(({ holders, at }) => holders.length === 1 && at >= from && at < to).map(({ holders }) => holders[0]);
}

function changeOf({ name, at, halves }: Made, takers: string[], each: Carried[]): Change {
  const relayedBy = (taker: string) => each.slice(0, halves).reduce((total, { nodes }) => total + sumOf(nodes) - (nodes[taker] ?? 0), 0);
  return { name, at, takers, relayed: Math.max(0, ...takers.map(relayedBy)) };
}

async function ended(halves: Streams[], loads: Running<LoadReport>[], holders: Running<VipsReport>) {
  const each = await Promise.all(halves.map(async half => half.end()));
  const [reports, watched] = [await Promise.all(loads.map(async one => one.end())), await holders.end()];
  const sum = (figure: (report: LoadReport) => number) => reports.reduce((total, report) => total + figure(report), 0);
  return {
    each,
    watched,
    streams: allOf(each),
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    failedBy: added(...reports.map(({ failedBy }) => failedBy)),
    perSecond: sum(({ requestsPerSecond }) => requestsPerSecond),
    longestGapMs: Math.max(...reports.map(({ longestGapMs }) => longestGapMs)),
    moves: movesOf(watched).length,
  };
}
