// measurements that run while something happens: the client's probe or load, and who holds the virtual IP

import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadReport, Outage, ProbeReport, VipsReport } from './reports';
import { Cluster } from '../cluster/cluster';
import { run, sleep } from '../cluster/commands';
import { Machine, PREFIX, RUN } from '../cluster/machine';

/** A measurement under way. */
export class Running<T> {
  /** Starts a `labtool` command that knows `--until-file`; it ends by itself after some seconds. */
  public static labtool<T>(cluster: Cluster, argv: string[], seconds: number, on: Machine = cluster.client): Running<T> {
    const untilFile = join(RUN, `until-${randomUUID()}`);
    const command = [cluster.labtool, ...argv, '--duration', `${seconds}s`, '--until-file', untilFile];
    const report = run(on.inNetwork(command), { seconds: seconds + 10 }).then(text => JSON.parse(text) as T);
    report.catch(() => undefined); // it is thrown by end(), also when that comes later
    return new Running(report, untilFile);
  }

  private constructor(private readonly report: Promise<T>, private readonly untilFile: string) {}

  /** Ends it and returns what it has seen. */
  public async end(): Promise<T> {
    writeFileSync(this.untilFile, '');
    try {
      return await this.report;
    } finally {
      rmSync(this.untilFile, { force: true });
    }
  }
}

/** Tries `address:port` every five milliseconds. */
export function probe(cluster: Cluster, target: string, seconds: number, ...flags: string[]): Running<ProbeReport> {
  return Running.labtool(cluster, ['probe', '--target', target, ...flags], seconds);
}

/** New connections, as many as `--workers` and `--rate` allow. */
export function load(cluster: Cluster, target: string, seconds: number, ...flags: string[]): Running<LoadReport> {
  return Running.labtool(cluster, ['load', '--target', target, ...flags], seconds);
}

/** Looks every five milliseconds which edge nodes have the address. */
export function watchHolders(cluster: Cluster, address: string, seconds: number): Running<VipsReport> {
  const machines = cluster.edges.map(edge => edge.name).join();
  return Running.labtool(cluster, ['vips', '--address', address, '--prefix', `${PREFIX}-`, '--machines', machines], seconds);
}

/** An outage in one line of text, for the log. */
export function whenAndWhat({ at, seconds, by }: Outage, sinceMs: number): string {
  const kinds = Object.entries(by).map(([kind, times]) => `${times} ${kind}`).join(', ');
  return `${(at - sinceMs / 1000).toFixed(3)} s after it began: ${seconds.toFixed(3)} s (${kinds})`;
}

/** Seconds since the epoch, as labtool's. */
export function now(): number {
  return Date.now() / 1000;
}

/** Longest time after a moment during which more than one machine held the address. */
export function twoHoldersAfter(seen: VipsReport, moment: number): number {
  return Math.max(0, ...spansAfter(seen, moment).filter(({ holders }) => holders.length > 1).map(({ seconds }) => seconds));
}

/** How long a machine held the address after a moment, in all. */
export function heldAfter(seen: VipsReport, machine: string, moment: number): number {
  return spansAfter(seen, moment).filter(({ holders }) => holders.includes(machine)).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Seconds from a moment until a machine no longer held the address; it may come back. */
export function givenUpAfter(seen: VipsReport, machine: string, moment: number): number {
  const without = seen.changes.find(({ at, holders }) => at >= moment && !holders.includes(machine));
  return (without?.at ?? seen.started + seen.seconds) - moment;
}

/** Failed connections by when they began and ended; nothing is left out. */
export interface Failures {
  /** Over before the fault. */
  readonly before: number;
  /** Begun before it, ended after it. */
  readonly underWay: number;
  /** Begun within `DYING_SECONDS` of it: the kernel still accepts for a process that is being killed, and no proxy can retry an accepted connection. */
  readonly dying: number;
  /** Begun after that. */
  readonly later: number;
}

/** What a kernel takes at most to close a killed process's sockets. */
const DYING_SECONDS = 0.05;

/** Of a probe with `--merge 0s`, where each failed connection is an outage of its own. */
export function failuresAround({ outages }: ProbeReport, moment: number): Failures {
  const since = outages.filter(({ at }) => at >= moment);
  const dying = since.filter(({ at }) => at < moment + DYING_SECONDS).length;
  const before = outages.filter(({ at, seconds }) => at + seconds < moment).length;
  return { before, underWay: outages.length - since.length - before, dying, later: since.length - dying };
}

function spansAfter(seen: VipsReport, moment: number): { holders: string[]; seconds: number }[] {
  const end = seen.started + seen.seconds;
  return seen.changes
    .map(({ at, holders }, i) => ({ holders, seconds: (seen.changes[i + 1]?.at ?? end) - Math.max(at, moment) }))
    .filter(({ seconds }) => seconds > 0);
}

/** Begins to measure, and gives what measures the time to be under way. */
export async function begun<T extends Running<unknown>[]>(...measurements: T): Promise<T> {
  await sleep(700);
  return measurements;
}
