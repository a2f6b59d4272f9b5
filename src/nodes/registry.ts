// what may exist only once in an App: host ports, VRIDs, virtual addresses, object names
import type { IConstruct } from 'constructs';
import { describeProblem } from '../validation/problem';
import type { Problem } from '../validation/problem';

/** A construct's claim to something that nothing else may claim. */
export interface Claim {
  readonly claimant: IConstruct;
  /** Claims clash only if they have the same key, such as `tcp/443` or `vrid/ipv4/51`. */
  readonly key: string;
  /** The problem with an earlier claim of the same key, if there is one. */
  readonly clashWith: (earlier: Claim) => Problem | undefined;
}

const REGISTRY = Symbol('registry');

/** The claims of one App. The construct that claims second reports the clash, at synthesis. */
export class Registry {
  /** The registry of the App of `scope`. The App holds it. */
  public static of(scope: IConstruct): Registry {
    const root: IConstruct & { [REGISTRY]?: Registry } = scope.node.root;
    return root[REGISTRY] ??= new Registry();
  }

  private readonly claims = new Map<string, Claim[]>();
  private readonly sharedValues = new Map<string, unknown>();
  private changes = 0;

  /** Adds a claim; each clash becomes a validation error of the claimant. */
  public claim(claim: Claim): void {
    const earlier = this.claims.get(claim.key) ?? [];
    const problems = earlier.flatMap(other => {
      const problem = claim.clashWith(other);
      return problem !== undefined && isInTree(other.claimant) ? problem : [];
    });
    const errors = [...new Set(problems.map(problem => describeProblem(problem)))];
    if (errors.length > 0) {
      claim.claimant.node.addValidation({ validate: () => errors });
    }
    this.claims.set(claim.key, [...earlier, claim]);
    this.noteChange();
  }

  /** A call changed what a construct writes. Each claim is a change too. */
  public noteChange(): void {
    this.changes += 1;
  }

  /** Number of changes so far. */
  public get revision(): number {
    return this.changes;
  }

  /** Whether any construct claims this key so far. */
  public isClaimed(key: string): boolean {
    return this.claims.has(key);
  }

  /** The claims so far whose key begins like this, of constructs that are still in the tree. */
  public claimsOf(prefix: string): Claim[] {
    const found = [...this.claims].filter(([key]) => key.startsWith(prefix)).flatMap(([, claims]) => claims);
    return found.filter(({ claimant }) => isInTree(claimant));
  }

  /** A value that constructs share without a reference to each other. The first call makes it. */
  public shared<T>(key: string, make: () => T): T {
    const known = this.sharedValues.get(key) as T | undefined ?? make();
    this.sharedValues.set(key, known);
    return known;
  }
}

/** What is wrong within the claims of one construct: for each claim, the first clash with an earlier one. */
export function clashesAmong(claims: Claim[]): Problem[] {
  return claims.flatMap((claim, index) => {
    const clashes = claims.slice(0, index).filter(({ key }) => key === claim.key).flatMap(earlier => claim.clashWith(earlier) ?? []);
    return clashes.slice(0, 1);
  });
}

/** A construct whose constructor failed can be removed from the tree. */
function isInTree({ node: { scopes } }: IConstruct): boolean {
  const isChild = (construct: IConstruct, depth: number) =>
    depth === 0 || scopes[depth - 1].node.tryFindChild(construct.node.id) === construct;
  return scopes.every(isChild);
}
