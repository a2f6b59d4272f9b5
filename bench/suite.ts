// what a group of benchmarks is to bench/main.ts
import type { Findings } from './findings';

export interface Suite {
  /** First word of its results. */
  readonly name: string;
  /** Throws where it cannot measure; what is missing for one benchmark alone it says, and goes on. */
  run(findings: Findings, say: (text: string) => void): Promise<void>;
}
