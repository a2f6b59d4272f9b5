// figures with what they are judged by: collected by scenarios, printed as a table

import { markdownTable, median } from './figures';
import { Profile } from './profiles';

export interface Result {
  readonly scenario: string;
  readonly criterion: string;
  readonly figure: number;
  readonly unit: string;
  /** What the project aims at; not more than this. */
  readonly goal?: number;
  /** What bounds the figure, in words. */
  readonly limit?: string;
  readonly pass: boolean;
}

/** What a figure must not exceed. With neither it is for information, and passes. */
export interface Bound {
  /** The project's goal; the full profile judges by it. */
  readonly goal?: number;
  /** What the mechanism allows; judges where there is no goal, and in CI. */
  readonly limit?: number;
  /** Where the limit comes from. */
  readonly because?: string;
  /** What a busy machine may add in CI, where the profile's would hide the fault. @default - the profile's */
  readonly slackSeconds?: number;
}

/** Collects a scenario's figures. */
export class Findings {
  public readonly results: Result[] = [];

  constructor(private readonly scenario: string, private readonly profile: Profile) {}

  public add(criterion: string, figure: number, unit: string, bound: Bound = {}): void {
    const rounded = Number(figure.toFixed(unit === 's' ? 3 : 2));
    const most = this.most(bound, unit);
    const limit = this.limitText(bound, unit);
    const pass = most === undefined || rounded <= most;
    const judged = { ...(bound.goal === undefined ? {} : { goal: bound.goal }), ...(limit ? { limit } : {}), pass };
    this.results.push({ scenario: this.scenario, criterion, figure: rounded, unit, ...judged });
  }

  /** Median and worst of some rounds. Nothing is written of none. */
  public spread(criterion: string, figures: number[], unit: string, bounds: { median?: Bound; worst?: Bound } = {}): void {
    if (figures.length === 0) return;
    this.add(`${criterion}, median of ${figures.length}`, median(figures), unit, bounds.median ?? {});
    this.add(`${criterion}, worst of ${figures.length}`, Math.max(...figures), unit, bounds.worst ?? {});
  }

  private most(bound: Bound, unit: string): number | undefined {
    const slack = this.slack(bound, unit);
    const [first, second] = this.profile.name === 'full' ? [bound.goal, bound.limit] : [bound.limit, bound.goal];
    const most = first ?? second;
    return most === undefined ? undefined : most + slack;
  }

  private slack({ slackSeconds = Infinity }: Bound, unit: string): number {
    return unit === 's' ? Math.min(this.profile.slackSeconds, slackSeconds) : 0;
  }

  private limitText(bound: Bound, unit: string): string {
    const slack = this.slack(bound, unit) > 0 ? `+ ${this.slack(bound, unit)} s for a busy machine` : '';
    const limit = bound.limit === undefined ? '' : `${Number(bound.limit.toFixed(3))} ${unit}`;
    return [limit && bound.because ? `${limit} (${bound.because})` : limit || bound.because || '', bound.goal ?? bound.limit ?? '' ? slack : ''].filter(text => text).join(' ');
  }
}

export function verdict({ pass }: Result): string {
  return pass ? 'pass' : '**missed**';
}

/** Also what is printed: Markdown's table reads well as text. */
export function table<T extends Result>(results: T[], judge: (result: T) => string = verdict): string {
  const head = ['scenario', 'criterion', 'figure', 'goal', 'limit', ''];
  const rows = results.map(one => [
    one.scenario, one.criterion, `${one.figure} ${one.unit}`, one.goal === undefined ? '' : `≤ ${one.goal} ${one.unit}`, one.limit ?? '', judge(one),
  ]);
  return markdownTable(head, rows);
}
