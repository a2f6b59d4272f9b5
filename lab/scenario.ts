// the interface of a scenario, and what the lab gives to it

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
  /** Rounds of each fault. */
  readonly rounds: number;
  /** Puts an example's output on the cluster. Only one example is on it at a time. */
  readonly edges: Edges;
}

export interface Scenario {
  /** The name on the command line: `npm run lab -- failover`. */
  readonly name: string;
  /** What it proves, in one line. */
  readonly title: string;
  /** Address families of the cluster that it needs. @default dual */
  readonly ipFamily?: IpFamily;
  /** Edge nodes that it needs. @default 2 */
  readonly edges?: number;
  run(context: ScenarioContext): Promise<Result[]>;
}
