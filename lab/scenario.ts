// what a scenario is, and what it is given

import { Cluster } from './cluster/cluster';
import { Progress } from './cluster/progress';
import { IpFamily } from './cluster/topology';
import { Edges } from './edge/edges';
import { Result } from './findings';
import { Profile } from './profiles';

export interface ScenarioContext {
  readonly cluster: Cluster;
  readonly progress: Progress;
  readonly profile: Profile;
  /** How often each fault happens. */
  readonly rounds: number;
  /** Puts an example's output on the cluster; only one is there at a time. */
  readonly edges: Edges;
}

export interface Scenario {
  /** As typed: `npm run lab -- failover`. */
  readonly name: string;
  /** What it proves, in one line. */
  readonly title: string;
  /** Which cluster it needs. @default dual */
  readonly ipFamily?: IpFamily;
  run(context: ScenarioContext): Promise<Result[]>;
}
