// one book per App of everything that may exist only once: host ports, router ids, virtual addresses, object names
import type { IConstruct } from 'constructs';
import { describeProblem } from '../problem/problem';
import type { Problem } from '../problem/problem';

/** A construct's claim to something that another construct must not claim too. */
export interface Claim {
  readonly claimant: IConstruct;
  /** Claims with different keys never clash: `tcp/443`, `vrid/ipv4/51`. */
  readonly key: string;
  /** Narrows the key, where that is known: claims that both name hosts clash only if they share one. */
  readonly hostnames?: string[];
  /** The problem that this claim has with an earlier one, if it has. */
  readonly against: (earlier: Claim) => Problem | undefined;
}

/** Earlier claims are found by key and host name, so that a thousand sites in one App stay linear. */
interface Shelf {
  readonly byHostname: Map<string, Claim[]>;
  readonly anywhere: Claim[];
  readonly all: Claim[];
}

const registries = new WeakMap<IConstruct, Registry>();

/** Clashes are reported at synthesis, once each, by the construct that came later. */
export class Registry {
  /** The registry of the App that `scope` is in. */
  public static of(scope: IConstruct): Registry {
    const root = scope.node.root;
    const registry = registries.get(root) ?? new Registry();
    registries.set(root, registry);
    return registry;
  }

  private readonly shelves = new Map<string, Shelf>();
  private readonly clashes = new Map<IConstruct, string[]>();

  /** Files a claim; a clash becomes a validation error of the claimant. */
  public claim(claim: Claim): void {
    const shelf = this.shelf(claim.key);
    const found = rivals(shelf, claim)
      .map(earlier => claim.against(earlier))
      .filter(problem => problem !== undefined)
      .map(problem => describeProblem(problem));
    this.errorsOf(claim.claimant).push(...new Set(found));
    put(shelf, claim);
  }

  /** Whether anybody claims this key so far. */
  public isClaimed(key: string): boolean {
    return this.shelves.has(key);
  }

  private shelf(key: string): Shelf {
    const shelf = this.shelves.get(key) ?? { byHostname: new Map(), anywhere: [], all: [] };
    this.shelves.set(key, shelf);
    return shelf;
  }

  private errorsOf(claimant: IConstruct): string[] {
    const known = this.clashes.get(claimant);
    if (known) {
      return known;
    }
    const errors: string[] = [];
    this.clashes.set(claimant, errors);
    claimant.node.addValidation({ validate: () => errors });
    return errors;
  }
}

function rivals(shelf: Shelf, claim: Claim): Claim[] {
  if (!claim.hostnames?.length) {
    return shelf.all;
  }
  const sharing = claim.hostnames.flatMap(hostname => shelf.byHostname.get(hostname) ?? []);
  return [...new Set([...sharing, ...shelf.anywhere])];
}

function put(shelf: Shelf, claim: Claim): void {
  shelf.all.push(claim);
  if (!claim.hostnames?.length) {
    shelf.anywhere.push(claim);
    return;
  }
  for (const hostname of claim.hostnames) {
    shelf.byHostname.set(hostname, [...shelf.byHostname.get(hostname) ?? [], claim]);
  }
}
