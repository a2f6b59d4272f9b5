// what may exist only once in an App: host ports, router ids, virtual addresses, object names
import type { IConstruct } from 'constructs';
import { describeProblem } from '../validation/problem';
import type { Problem } from '../validation/problem';

/** A construct's claim to something that another construct must not claim too. */
export interface Claim {
  readonly claimant: IConstruct;
  /** Claims with different keys never clash: `tcp/443`, `vrid/ipv4/51`. */
  readonly key: string;
  /** The problem that this claim has with an earlier one of the same key, if any. */
  readonly against: (earlier: Claim) => Problem | undefined;
}

const REGISTRY = Symbol('registry');

/** The claims of one App. The later of two constructs reports a clash, at synthesis. */
export class Registry {
  /** The registry of the App that `scope` is in. It is kept on the App itself. */
  public static of(scope: IConstruct): Registry {
    const root: IConstruct & { [REGISTRY]?: Registry } = scope.node.root;
    return root[REGISTRY] ??= new Registry();
  }

  private readonly claims = new Map<string, Claim[]>();
  private readonly common = new Map<string, unknown>();

  /** Adds a claim; each clash becomes a validation error of the claimant. */
  public claim(claim: Claim): void {
    const earlier = this.claims.get(claim.key) ?? [];
    const problems = earlier.flatMap(other => claim.against(other) ?? []);
    const errors = [...new Set(problems.map(problem => describeProblem(problem)))];
    if (errors.length > 0) {
      claim.claimant.node.addValidation({ validate: () => errors });
    }
    this.claims.set(claim.key, [...earlier, claim]);
  }

  /** Whether any construct claims this key so far. */
  public isClaimed(key: string): boolean {
    return this.claims.has(key);
  }

  /** What constructs that know nothing of each other have in common. */
  public shared<T>(key: string, make: () => T): T {
    const known = this.common.get(key) as T | undefined ?? make();
    this.common.set(key, known);
    return known;
  }
}
