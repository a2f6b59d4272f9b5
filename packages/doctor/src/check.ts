// the shape of a check
import { Edge } from './edge/edge';
import { Facts } from './facts';

/** `problem`: the edge does not work, or stops working. `advice`: it works, but less well than it could. */
export type Severity = 'problem' | 'advice';

/** One thing that would not work. */
export interface Fault {
  /** Where: `node edge-1`, `Secret istio-ingress/shop-tls`. */
  readonly subject: string;
  /** What is wrong, as a full sentence without a period. */
  readonly what: string;
  /** What was found. */
  readonly got?: string;
  readonly fix: string;
}

/** A fault with the code and the severity of its check. */
export interface Finding extends Fault {
  readonly code: string;
  readonly severity: Severity;
}

/** Compares the edge with what was gathered. It asks nothing itself. */
export interface Check {
  /** Stable: scripts use it. */
  readonly code: string;
  readonly severity: Severity;
  /** What it finds, in one line of the documentation. */
  readonly finds: string;
  run(edge: Edge, facts: Facts): Fault[];
}

/** Runs all checks; problems come first. */
export function examine(checks: readonly Check[], edge: Edge, facts: Facts): Finding[] {
  const findings = checks.flatMap(({ code, severity, run }) => run(edge, facts).map(fault => ({ code, severity, ...fault })));
  return [...findings.filter(({ severity }) => severity === 'problem'), ...findings.filter(({ severity }) => severity === 'advice')];
}
