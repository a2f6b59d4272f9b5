// the form of all errors about input, and the error class
import type { Code } from './codes';

/** One error in the input. */
export interface Problem {
  /** Path of the construct, or a call such as `EdgeNodes.of()`. An error that is thrown adds it. */
  readonly path?: string;
  readonly code: Code;
  /** What is wrong. It names the property, in lower case and without a full stop. */
  readonly what: string;
  /** The given value, if there is one. */
  readonly got?: unknown;
  /** What is allowed, or what to do. */
  readonly fix: string;
}

/** `[construct/path] code: what, got <value>; <what is allowed, or the fix>`. Without a construct, the call is in the brackets. */
export function describeProblem(problem: Problem): string {
  const where = problem.path ? `[${problem.path}] ` : '';
  const got = 'got' in problem ? `, got ${describeValue(problem.got)}` : '';
  return `${where}${problem.code}: ${problem.what}${got}; ${problem.fix}`;
}

/** Thrown for bad input. The package does not export it, because jsii has no error classes. */
export class EdgeError extends Error {
  /** Each with the path of its construct. */
  public readonly problems: Problem[];

  /** `path` is the construct or the call of all problems that name none. */
  constructor(problems: Problem[], path?: string) {
    const located = problems.map(problem => ({ path, ...problem }));
    super(located.map(problem => describeProblem(problem)).join('\n'));
    this.name = 'EdgeError';
    this.problems = located;
  }
}

/** Throws all problems in one error, if there are any. */
export function throwIfAny(problems: Problem[], path?: string): void {
  if (problems.length > 0) {
    throw new EdgeError(problems, path);
  }
}

/** Control and format characters, line separators, and code points that Unicode has not assigned. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029\p{Cn}]/gu;

/** Longer values are cut. */
const LONGEST_SHOWN = 300;

/** As JSON, which escapes line breaks and quotes: a value from outside cannot fake a line of a log. */
export function describeValue(value: unknown): string {
  const text = toText(value);
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)` : text;
  return cut.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function toText(value: unknown): string {
  if (typeof value === 'function') {
    return `function ${value.name}`;
  }
  return typeof value === 'object' || typeof value === 'string' ? toJson(value) : String(value);
}

/** An instance of a class appears as the name of its class, because it can be large or refer to itself. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner) => toJsonValue(inner)) ?? 'undefined';
  } catch {
    return 'an object that refers to itself';
  }
}

function toJsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return `${value}n`;
  }
  return isInstance(value) ? `instance of ${value.constructor.name}` : value;
}

function isInstance(value: unknown): value is object {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const prototype = isObject ? Object.getPrototypeOf(value) : null;
  return prototype !== null && Object.getPrototypeOf(prototype) !== null && typeof prototype.constructor === 'function';
}
