// figures and their goals and limits: scenarios collect them, the lab prints them as a table

import { markdownTable, median } from './figures';
import { Profile } from './profiles';

export interface Result {
  readonly scenario: string;
  readonly criterion: string;
  readonly figure: number;
  readonly unit: string;
  /** The project's goal: the figure must not exceed it. */
  readonly goal?: number;
  /** The limit and its reason, as text. */
  readonly limit?: string;
  readonly pass: boolean;
}

/** What a figure must not exceed. Without goal and limit it is for information and always passes. */
export interface Bound {
  /** The project's goal. The full profile judges by it. */
  readonly goal?: number;
  /** What the mechanism allows. CI judges by it; the full profile does where there is no goal. */
  readonly limit?: number;
  /** The reason for the limit. */
  readonly because?: string;
  /** Slack for a busy machine in CI, if the profile's slack would hide the fault. @default - the profile's slack */
  readonly slackSeconds?: number;
}

export class Findings {
  public readonly results: Result[] = [];

  constructor(private readonly scenario: string, private readonly profile: Profile) {}

  public add(criterion: string, figure: number, unit: string, bound: Bound = {}): void {
    const rounded = Number(figure.toFixed(unit === 's' ? 3 : 2));
    const upperBound = this.upperBound(bound, unit);
    const limit = this.limitText(bound, unit);
    const pass = upperBound === undefined || rounded <= upperBound;
    const judged = { ...(bound.goal === undefined ? {} : { goal: bound.goal }), ...(limit ? { limit } : {}), pass };
    this.results.push({ scenario: this.scenario, criterion, figure: rounded, unit, ...judged });
  }

  /** Adds the median and the worst figure of some rounds. Adds nothing when there are no rounds. */
  public spread(criterion: string, figures: number[], unit: string, bounds: { median?: Bound; worst?: Bound } = {}): void {
    if (figures.length === 0) return;
    this.add(`${criterion}, median of ${figures.length}`, median(figures), unit, bounds.median ?? {});
    this.add(`${criterion}, worst of ${figures.length}`, Math.max(...figures), unit, bounds.worst ?? {});
  }

  private upperBound(bound: Bound, unit: string): number | undefined {
    const slack = this.slack(bound, unit);
    const [first, second] = this.profile.name === 'full' ? [bound.goal, bound.limit] : [bound.limit, bound.goal];
    const judging = first ?? second;
    return judging === undefined ? undefined : judging + slack;
  }

  private slack({ slackSeconds = Infinity }: Bound, unit: string): number {
    return unit === 's' ? Math.min(this.profile.slackSeconds, slackSeconds) : 0;
  }

  private limitText(bound: Bound, unit: string): string {
    const slack = this.slack(bound, unit) > 0 ? `+ ${this.slack(bound, unit)} s for a busy machine` : '';
    const limit = bound.limit === undefined ? '' : `${Number(bound.limit.toFixed(3))} ${unit}`;
    const isBounded = bound.goal !== undefined || bound.limit !== undefined;
    return [limit && bound.because ? `${limit} (${bound.because})` : limit || bound.because || '', isBounded ? slack : ''].filter(text => text).join(' ');
  }
}

export function verdict({ pass }: Result): string {
  return pass ? 'pass' : '**missed**';
}

/** A Markdown table. The lab prints it to the terminal too. */
export function table<T extends Result>(results: T[], judge: (result: T) => string = verdict): string {
  const head = ['scenario', 'criterion', 'figure', 'goal', 'limit', ''];
  const rows = results.map(one => [
    one.scenario, one.criterion, `${one.figure} ${one.unit}`, one.goal === undefined ? '' : `≤ ${one.goal} ${one.unit}`, one.limit ?? '', judge(one),
  ]);
  return markdownTable(head, rows);
}
