// measurements in the background: the client's probe or load, and the holders of the virtual IP

import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadReport, Outage, ProbeReport, VipsReport } from './reports';
import { Cluster } from '../cluster/cluster';
import { run, sleep } from '../cluster/commands';
import { Machine, PREFIX, RUN } from '../cluster/machine';

/** A measurement that is running. */
export class Running<T> {
  /** Starts a `labtool` command that has `--until-file`. It ends by itself after `seconds`. */
  public static labtool<T>(cluster: Cluster, argv: string[], seconds: number, on: Machine = cluster.client): Running<T> {
    const untilFile = join(RUN, `until-${randomUUID()}`);
    const command = [cluster.labtool, ...argv, '--duration', `${seconds}s`, '--until-file', untilFile];
    const report = run(on.inNetwork(command), { seconds: seconds + 10 }).then(text => JSON.parse(text) as T);
    report.catch(() => undefined); // end() throws it, even if it is called later
    return new Running(report, untilFile);
  }

  private constructor(private readonly report: Promise<T>, private readonly untilFile: string) {}

  /** Ends the measurement and returns its report. */
  public async end(): Promise<T> {
    writeFileSync(this.untilFile, '');
    try {
      return await this.report;
    } finally {
      rmSync(this.untilFile, { force: true });
    }
  }
}

/** Sends a request to `address:port` every five milliseconds. */
export function probe(cluster: Cluster, target: string, seconds: number, ...flags: string[]): Running<ProbeReport> {
  return Running.labtool(cluster, ['probe', '--target', target, ...flags], seconds);
}

/** Opens new connections, as many as `--workers` and `--rate` allow. */
export function load(cluster: Cluster, target: string, seconds: number, ...flags: string[]): Running<LoadReport> {
  return Running.labtool(cluster, ['load', '--target', target, ...flags], seconds);
}

/** Sends `count` requests, each on a new connection. Returns when all have been answered or have failed. */
export async function requests(cluster: Cluster, target: string, count: number, ...flags: string[]): Promise<LoadReport> {
  return cluster.fromClient<LoadReport>(['load', '--target', target, '--count', `${count}`, '--workers', '4', '--duration', '30s', ...flags], 40);
}

/** Checks every five milliseconds which edge nodes hold the address. */
export function watchHolders(cluster: Cluster, address: string, seconds: number): Running<VipsReport> {
  const machines = cluster.edges.map(edge => edge.name).join();
  return Running.labtool(cluster, ['vips', '--address', address, '--prefix', `${PREFIX}-`, '--machines', machines], seconds);
}

/** The longest of some outages; 0 if there are none. */
export function longest(some: Outage[]): number {
  return Math.max(0, ...some.map(({ seconds }) => seconds));
}

/** An outage in one line of text, for the log. */
export function whenAndWhat({ at, seconds, by }: Outage, sinceMs: number): string {
  const kinds = Object.entries(by).map(([kind, times]) => `${times} ${kind}`).join(', ');
  return `${(at - sinceMs / 1000).toFixed(3)} s after it began: ${seconds.toFixed(3)} s (${kinds})`;
}

/** Seconds since the epoch, as in labtool's reports. */
export function now(): number {
  return Date.now() / 1000;
}

/** Longest time after a moment in which more than one machine held the address. */
export function twoHoldersAfter(seen: VipsReport, moment: number): number {
  return Math.max(0, ...spansAfter(seen, moment).filter(({ holders }) => holders.length > 1).map(({ seconds }) => seconds));
}

/** Total time after a moment in which a machine held the address. */
export function heldAfter(seen: VipsReport, machine: string, moment: number): number {
  return spansAfter(seen, moment).filter(({ holders }) => holders.includes(machine)).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Seconds from a moment until a machine gave up the address for the first time. */
export function givenUpAfter(seen: VipsReport, machine: string, moment: number): number {
  const without = seen.changes.find(({ at, holders }) => at >= moment && !holders.includes(machine));
  return (without?.at ?? seen.started + seen.seconds) - moment;
}

/** Counts of failed connections, by when they began and ended. Every failure is in one of them. */
export interface Failures {
  /** Ended before the fault. */
  readonly before: number;
  /** Began before the fault and ended after it. */
  readonly underWay: number;
  /** Began up to `DYING_SECONDS` after it: the kernel still accepts for a dying process. */
  readonly dying: number;
  /** Began later. */
  readonly later: number;
}

/** Longest time that the kernel takes to close the sockets of a killed process. */
const DYING_SECONDS = 0.05;

/** Counts failures. Needs a probe with `--merge 0s`, so that each failed connection is one outage. */
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

/** Returns the measurements when they have had time to start. */
export async function begun<T extends Running<unknown>[]>(...measurements: T): Promise<T> {
  await sleep(700);
  return measurements;
}
