// runs scenarios one after another on a cluster that is up, and prints the results

import { Cluster } from './cluster/cluster';
import { cleanUpErrors, wasInterrupted } from './cluster/commands';
import { Progress } from './cluster/progress';
import { IpFamily } from './cluster/topology';
import { Edges } from './edge/edges';
import { currentCommit } from './figures';
import { Result, table } from './findings';
import { Flags, UsageError } from './flags';
import { keep } from './kept-results';
import { CI, FULL, Profile } from './profiles';
import { Scenario, ScenarioContext } from './scenario';
import { SCENARIOS } from './scenarios';

/** What the command line asks for. */
export interface Order {
  readonly scenarios: Scenario[];
  readonly profile: Profile;
  readonly rounds: number;
}

/** What a cluster has. */
export interface Kind {
  readonly ipFamily: IpFamily;
  /** Edge nodes. */
  readonly edges: number;
}

/** Reads an order. In a lab that is up, `all` means all scenarios that can run in it. */
export function readOrder({ names, profile: wanted, rounds }: Flags, up?: Kind): Order {
  const profile = wanted === 'ci' ? CI : FULL;
  const unknown = names.find(name => name !== 'all' && !SCENARIOS.some(one => one.name === name));
  if (unknown !== undefined) throw new UsageError(`there is no command or scenario ${JSON.stringify(unknown)}; \`scenarios\` lists them`);
  const isAll = names.length === 0 || names.includes('all');
  const fits = (one: Scenario) => up === undefined || (kindOf(one).ipFamily === up.ipFamily && kindOf(one).edges <= up.edges);
  const scenarios = SCENARIOS.filter(one => isAll ? isInAll(one.name, profile) && fits(one) : names.includes(one.name));
  const foreign = scenarios.find(one => !fits(one));
  if (foreign) throw new UsageError(`${foreign.name} needs ${flagsOf(kindOf(foreign))}, but the lab that is up has ${flagsOf(up!)}; \`down\` ends it`);
  return { scenarios, profile, rounds: rounds ?? profile.rounds };
}

/** Splits an order by the kind of cluster that its scenarios need. */
export function byKind(order: Order): [Kind, Order][] {
  const kinds = new Map(order.scenarios.map(one => [flagsOf(kindOf(one)), kindOf(one)]));
  return [...kinds].map(([flags, kind]) => [kind, { ...order, scenarios: order.scenarios.filter(one => flagsOf(kindOf(one)) === flags) }]);
}

function kindOf({ ipFamily = 'dual', edges = 2 }: Scenario): Kind {
  return { ipFamily, edges };
}

function flagsOf({ ipFamily, edges }: Kind): string {
  return `--ip-family ${ipFamily} --edges ${edges}`;
}

/** A full run leaves out `serve`: `apply` also checks that every example serves. */
function isInAll(name: string, { scenarios }: Profile): boolean {
  return scenarios ? scenarios.includes(name) : name !== 'serve';
}

export function listScenarios(): string {
  return SCENARIOS.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n');
}

/** True when every scenario ran to its end and every criterion is met. */
export async function runScenarios(cluster: Cluster, order: Order, progress: Progress): Promise<boolean> {
  const edges = new Edges(cluster, progress);
  await edges.sweep();
  const commit = await currentCommit();
  const results: Result[] = [];
  for (const scenario of order.scenarios) {
    progress.say(`—— ${scenario.name}: ${scenario.title}`);
    let seen: Result[] = [];
    for (let attempt = 1; attempt <= order.profile.tries && !passes(seen); attempt++) {
      if (attempt > 1) progress.say(`${scenario.name} once more, because it missed:\n${table(seen.filter(({ pass }) => !pass))}`);
      seen = await runOne(scenario, { ...order, cluster, progress, edges });
    }
    results.push(...seen);
    // after each scenario: a whole run takes hours, and what was measured stays if it breaks off
    const enough = order.profile.keepsResults && order.rounds >= order.profile.rounds;
    if (enough) keep(results, commit, cluster.engines, SCENARIOS.map(({ name }) => name));
  }
  process.stdout.write(`\n${table(results)}\n\n`);
  await edges.clear();
  const missed = results.filter(({ pass }) => !pass).length;
  progress.say(`${results.length - missed} criteria passed, ${missed} missed, with the ${cluster.engines} engines`);
  return missed === 0;
}

/** A scenario that throws counts as missed, and so does one whose clean-up fails. */
export async function runOne(scenario: Scenario, context: ScenarioContext): Promise<Result[]> {
  const { edges, progress } = context;
  const missed = (criterion: string): Result => ({ scenario: scenario.name, criterion, figure: 1, unit: '', goal: 0, pass: false });
  let results: Result[];
  try {
    results = await progress.stage(scenario.name, () => scenario.run(context));
  } catch (error) {
    if (wasInterrupted()) throw error;
    progress.say(`${scenario.name} did not run to its end: ${error instanceof Error ? error.message : String(error)}`);
    await edges.clear();
    results = [missed('did not run to its end')];
  }
  const errors = cleanUpErrors();
  errors.forEach(error => progress.say(`${scenario.name}: a clean-up failed: ${error}`));
  return errors.length === 0 || results.some(({ pass }) => !pass) ? results : [...results, missed('cleaned up')];
}

function passes(results: Result[]): boolean {
  return results.length > 0 && results.every(({ pass }) => pass);
}
