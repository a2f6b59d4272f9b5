// checks at run time that arguments have the declared types; JavaScript and casts bypass the compiler
import { describeValue, throwIfAny } from './problem';
import type { Problem } from './problem';
import { mostSimilar } from './similar';
import { CALLS, CLASSES, ENUMS, INTERFACES, STRUCTS } from './type-table';
import type { Options } from './type-table';
import { checkThat } from './values';

/** jsii stores the fully qualified name of a class here. A bundler can shorten the name of the class itself. */
const JSII_TYPE = Symbol.for('jsii.rtti');

/** A member of classes that other packages have too: luxon has a `Duration`. There can be two copies of cdk8s, so the name decides otherwise. */
const MEMBERS: { readonly [type: string]: string } = { Duration: 'toMilliseconds', Size: 'toKibibytes', Cpu: 'amount' };

/** Arguments by name. A variadic parameter is an array. */
export interface Arguments {
  readonly scope?: unknown;
  readonly id?: unknown;
  readonly [parameter: string]: unknown;
}

/**
 * Throws if an argument of a call has the wrong type.
 *
 * @param call Name of the call in the type table, such as `EdgeNodes.of` or `new EdgeFleet`.
 * @param path Path of the construct for the message; by default made from `scope` and `id`. Without a construct it is the call.
 */
export function validateCall(call: string, given: Arguments, path: string = pathOf(given) || `${call}()`): void {
  throwIfAny(checkArguments(call, given), path);
}

/**
 * The same for the constructor of a construct. Call it before `super()`: then an error leaves no construct in the tree.
 *
 * @param target `new.target`. It shows whether a subclass calls.
 */
export function validateNew(
  type: string, target: { readonly name: string }, scope: unknown, id: unknown, props: unknown,
): void {
  const problems = checkArguments(`new ${type}`, { scope, id, props });
  const explained = target.name === type ? problems : problems.map(problem => explainToSubclass(problem, target.name));
  throwIfAny(explained, pathOf({ scope, id }));
}

/** All problems with the type of a value that is no argument: an answer of another construct, a property of cdk8s. */
export function checkType(what: string, type: string, value: unknown): Problem[] {
  return checkValue(what, type, value);
}

/** A getter or a proxy of the user can throw whatever it wants when an option is read. */
function checkArguments(call: string, given: Arguments): Problem[] {
  try {
    return checkReadable(call, given);
  } catch (error) {
    return [{
      code: 'type-wrong',
      what: 'an argument has a member that cannot be read',
      got: error instanceof Error ? error.message : undefined,
      fix: 'expected plain objects and arrays, without getters or proxies that throw',
    }];
  }
}

function checkReadable(call: string, given: Arguments): Problem[] {
  return [
    ...Object.entries(CALLS[call]).flatMap(([name, type]) => {
      // messages name the options of a call without their parameter: `listeners`, not `props.listeners`
      const prefix = type.replace('?', '') in STRUCTS ? '' : undefined;
      return checkValue(name, type, given[name], prefix);
    }),
    ...checkThat(given.id !== '', {
      code: 'name-invalid', what: 'id must not be empty', fix: 'give an id, such as edge',
    }),
    ...checkThat(typeof given.id !== 'string' || !(given.id in Object.prototype), {
      code: 'name-invalid', what: 'id is a member of all objects of JavaScript', got: given.id, fix: 'give another id, such as edge',
    }),
  ];
}

function pathOf({ scope, id }: Arguments): string {
  const parent = pathOfScope(scope);
  return [parent, id].filter(part => typeof part === 'string' && part !== '').join('/');
}

/** A scope that is none has no path. */
function pathOfScope(scope: unknown): unknown {
  try {
    return (scope as { readonly node: { readonly path: unknown } }).node.path;
  } catch {
    return undefined;
  }
}

/** A subclass must not pass its own props to the base class. */
function explainToSubclass(problem: Problem, subclass: string): Problem {
  if (problem.code !== 'option-unknown') {
    return problem;
  }
  const sentence = problem.fix.endsWith('?') ? problem.fix : `${problem.fix}.`;
  const example = 'const { mine, ...rest } = props; super(scope, id, rest)';
  return { ...problem, fix: `${sentence} If it is an option of ${subclass}, do not pass it on: ${example}` };
}

/** `prefix` begins the names of the value's own options in messages. */
function checkValue(what: string, type: string, value: unknown, prefix: string = `${what}.`): Problem[] {
  if (value === undefined && type.endsWith('?')) {
    return [];
  }
  const required = type.replace('?', '');
  if (value === undefined) {
    return [{ code: 'option-missing', what: `${what} is missing`, fix: `expected ${expectation(required)}` }];
  }
  return checkRequired(what, required, value, prefix);
}

function checkRequired(what: string, type: string, value: unknown, prefix: string = `${what}.`): Problem[] {
  if (!hasShape(type, value)) {
    const code = type in ENUMS ? 'value-unknown' : 'type-wrong';
    return [{ code, what: `invalid ${what} ${describeValue(value)}`, fix: `expected ${expectation(type)}` }];
  }
  const element = type.slice(0, -2);
  if (type.endsWith('[]')) {
    // flatMap() would skip the holes of a sparse array
    return Array.from(value as unknown[]).flatMap((item, index) => checkRequired(`${what}[${index}]`, element, item));
  }
  if (type.endsWith('{}')) {
    return Object.entries(value as object)
      .flatMap(([key, item]) => checkRequired(`${what}[${describeValue(key)}]`, element, item));
  }
  return type in STRUCTS ? checkOptions(prefix, type, value as { readonly [option: string]: unknown }) : [];
}

function checkOptions(prefix: string, struct: string, value: { readonly [option: string]: unknown }): Problem[] {
  const options = optionsOf(struct);
  const isUnknown = (key: string) => !Object.hasOwn(options, key) && value[key] !== undefined;
  // an instance of a user's class may have further members
  const unknown = isPlain(value) ? Object.keys(value).filter(isUnknown) : [];
  return [
    ...unknown.map(key => unknownOption(`${prefix}${key}`, key, Object.keys(options))),
    ...Object.entries(options).flatMap(([name, type]) => checkValue(`${prefix}${name}`, type, value[name])),
  ];
}

function unknownOption(what: string, key: string, known: string[]): Problem {
  const similar = mostSimilar(key, known);
  const fix = similar === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${similar}?`;
  return { code: 'option-unknown', what: `unknown option ${what}`, fix };
}

/** Own options, and those of the structs that it extends. */
function optionsOf(struct: string): Options {
  const [parents, own] = STRUCTS[struct];
  return Object.assign({}, ...parents.map(optionsOf), own);
}

/** Whether a value is of the right kind. Its members are not checked. */
function hasShape(type: string, value: unknown): boolean {
  if (type.endsWith('[]')) {
    return Array.isArray(value);
  }
  if (type.endsWith('{}')) {
    return isPlain(value);
  }
  if (type in STRUCTS) {
    return isObject(value) && !Array.isArray(value) && !classesOf(value).some(name => name in CLASSES);
  }
  if (type in ENUMS) {
    return ENUMS[type].includes(value as string);
  }
  if (type in CLASSES) {
    return classesOf(value).includes(type) && (!(type in MEMBERS) || MEMBERS[type] in (value as object));
  }
  if (type in INTERFACES) {
    // jsii puts the members of a Python object on the object itself
    return isObject(value) && INTERFACES[type][0].every(member => member in value);
  }
  return typeof value === type && (type !== 'number' || Number.isFinite(value));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An object literal. jsii makes objects of other languages in another realm, with another `Object.prototype`. */
export function isPlain(value: unknown): value is object {
  if (!isObject(value) || Array.isArray(value)) {
    return false;
  }
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Names of an object's class and of its base classes. Names also match between two copies of a package. */
function classesOf(value: unknown): string[] {
  const names: string[] = [];
  for (let prototype = value; isObject(prototype); prototype = Object.getPrototypeOf(prototype)) {
    if (Object.hasOwn(prototype, 'constructor')) {
      names.push(nameOfClass(prototype.constructor));
    }
  }
  return names;
}

function nameOfClass(type: { readonly name: string; readonly [JSII_TYPE]?: { readonly fqn: string } }): string {
  return type[JSII_TYPE]?.fqn.split('.').pop() ?? type.name;
}

/** The expected type, in words. */
function expectation(type: string): string {
  if (type.endsWith('[]')) {
    return `an array, each element ${expectation(type.slice(0, -2))}`;
  }
  if (type.endsWith('{}')) {
    return `an object, each value ${expectation(type.slice(0, -2))}`;
  }
  if (type in STRUCTS) {
    const options = Object.entries(optionsOf(type));
    const required = options.filter(([, option]) => !option.endsWith('?'));
    return `an object { ${(required.length > 0 ? required : options).map(([name]) => name).join(', ')} }`;
  }
  if (type in ENUMS) {
    return either(ENUMS[type]);
  }
  if (type in CLASSES) {
    return CLASSES[type].length > 0 ? either(CLASSES[type]) : article(type);
  }
  if (type in INTERFACES) {
    const [members, classes] = INTERFACES[type];
    return classes.length > 0
      ? `${article(type)} (${either(classes)})`
      : `an object with ${members.map(member => `${member}()`).join(', ')}`;
  }
  return type === 'boolean' ? 'true or false' : `a ${type}`;
}

function article(type: string): string {
  return `${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** One text or more. */
function either(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0] : `${texts.slice(0, -1).join(', ')} or ${texts[texts.length - 1]}`;
}
