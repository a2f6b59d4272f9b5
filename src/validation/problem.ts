// what a bad input looks like to the user: one message form, one error class, one way to collect
import type { Code } from './codes';

/** One thing that is wrong with the input, without the place where it was found. */
export interface Problem {
  readonly code: Code;
  /** What is wrong, naming the property: lowercase, no full stop. */
  readonly what: string;
  /** The value that was given, where there is one. */
  readonly got?: unknown;
  /** What is allowed, or how to mend it. */
  readonly fix: string;
}

/** `[construct/path] code: what, got <value>; <what is allowed, or the fix>` */
export function describeProblem(problem: Problem, path?: string): string {
  const where = path ? `[${path}] ` : '';
  const got = 'got' in problem ? `, got ${describeValue(problem.got)}` : '';
  return `${where}${problem.code}: ${problem.what}${got}; ${problem.fix}`;
}

/** Thrown for bad input. Not exported from the package: jsii has no error classes; the code stands in the message. */
export class EdgeError extends Error {
  public readonly codes: Code[];

  constructor(problems: Problem[], path?: string) {
    super(problems.map(problem => describeProblem(problem, path)).join('\n'));
    this.name = 'EdgeError';
    this.codes = problems.map(problem => problem.code);
  }
}

/** Throws all problems in one error; does nothing when there are none. */
export function throwIfAny(problems: Problem[], path?: string): void {
  if (problems.length > 0) {
    throw new EdgeError(problems, path);
  }
}

/** More of a value than a reader needs. */
const LONGEST_SHOWN = 300;

/** As JSON, which shows line breaks and quotes for what they are: an injected value cannot disguise itself in a log. */
export function describeValue(value: unknown): string {
  const text = typeof value === 'object' || typeof value === 'string' ? toJson(value) : String(value);
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\u2028\u2029\p{Cn}]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Instances of classes by the name of their class: they can be large, and refer to themselves. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner) => isInstance(inner) ? `instance of ${inner.constructor.name}` : typeof inner === 'bigint' ? `${inner}n` : inner) ?? 'undefined';
  } catch {
    return 'an object that refers to itself';
  }
}

function isInstance(value: unknown): value is object {
  const prototype = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.getPrototypeOf(value) : null;
  return prototype !== null && Object.getPrototypeOf(prototype) !== null && typeof prototype.constructor === 'function';
}
