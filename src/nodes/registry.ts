// one book per App of everything that may exist only once: host ports, router ids, virtual addresses, object names
import type { IConstruct } from 'constructs';
import { describeProblem } from '../validation/problem';
import type { Problem } from '../validation/problem';

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

/** Earlier claims are found by key and host name, so that a thousand sites in one App stay linear. Most keys are claimed once. */
interface Shelf {
  readonly all: Claim[];
  readonly anywhere: Claim[];
  byHostname?: Map<string, Claim[]>;
}

/** On the App itself: a WeakMap with an entry for each App makes garbage collection dearer, by a sixth of what building an edge takes. */
const REGISTRY = Symbol('registry');

/** Clashes are reported at synthesis, once each, by the construct that came later. */
export class Registry {
  /** The registry of the App that `scope` is in. */
  public static of(scope: IConstruct): Registry {
    const root: IConstruct & { [REGISTRY]?: Registry } = scope.node.root;
    return root[REGISTRY] ??= new Registry();
  }

  private readonly shelves = new Map<string, Shelf>();
  private readonly common = new Map<string, unknown>();
  private readonly clashes = new Map<IConstruct, string[]>();

  /** Files a claim; a clash becomes a validation error of the claimant. */
  public claim(claim: Claim): void {
    const shelf = this.shelves.get(claim.key);
    const found = rivals(shelf, claim)
      .map(earlier => claim.against(earlier))
      .filter(problem => problem !== undefined)
      .map(problem => describeProblem(problem));
    this.errorsOf(claim.claimant).push(...new Set(found));
    this.shelves.set(claim.key, put(shelf, claim));
  }

  /** Whether anybody claims this key so far. */
  public isClaimed(key: string): boolean {
    return this.shelves.has(key);
  }

  /** What constructs that know nothing of each other have in common. */
  public shared<T>(key: string, make: () => T): T {
    const known = this.common.get(key) as T | undefined ?? make();
    this.common.set(key, known);
    return known;
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

function rivals(shelf: Shelf | undefined, claim: Claim): Claim[] {
  if (shelf === undefined || !claim.hostnames?.length) {
    return shelf?.all ?? [];
  }
  const sharing = claim.hostnames.flatMap(hostname => shelf.byHostname?.get(hostname) ?? []);
  return [...new Set([...sharing, ...shelf.anywhere])];
}

/** A shelf for one claim is as small as can be: an App has a hundred of them. */
function put(known: Shelf | undefined, claim: Claim): Shelf {
  const everywhere = !claim.hostnames?.length;
  if (known === undefined) {
    return { all: [claim], anywhere: everywhere ? [claim] : [], byHostname: everywhere ? undefined : byHostname(new Map(), claim) };
  }
  known.all.push(claim);
  if (everywhere) {
    known.anywhere.push(claim);
  } else {
    known.byHostname = byHostname(known.byHostname ?? new Map(), claim);
  }
  return known;
}

function byHostname(claims: Map<string, Claim[]>, claim: Claim): Map<string, Claim[]> {
  return claim.hostnames!.reduce((all, hostname) => all.set(hostname, [...all.get(hostname) ?? [], claim]), claims);
}
