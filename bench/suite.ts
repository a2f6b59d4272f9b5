// the interface of a group of benchmarks
import type { Findings } from './findings';

export interface Suite {
  /** First word of the names of its results. */
  readonly name: string;
  /** Throws if it cannot measure. If only one benchmark cannot run, it reports that and continues. */
  run(findings: Findings, say: (text: string) => void): Promise<void>;
}
