// checks at run time that arguments have the declared types: JavaScript, casts and `--transpile-only` bypass the compiler
import { describeValue, throwIfAny } from './problem';
import type { Problem } from './problem';
import { mostSimilar } from './similar';
import { CALLS, CLASSES, ENUMS, INTERFACES, STRUCTS } from './type-table';
import type { Options } from './type-table';
import { checkThat } from './values';

/** jsii stores the fully qualified name of a class here. A bundler can shorten the name of the class itself. */
const JSII_TYPE = Symbol.for('jsii.rtti');

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
 * @param path Path of the construct for the message; by default made from `scope` and `id`.
 */
export function validateCall(call: string, given: Arguments, path: string = pathOf(given)): void {
  throwIfAny(checkArguments(call, given), path);
}

/**
 * The same for the constructor of a construct. Call it before `super()`: then an error leaves no construct in the tree.
 *
 * @param target `new.target`. It shows whether a subclass calls.
 */
export function validateNew(type: string, target: { readonly name: string }, scope: unknown, id: unknown, props: unknown): void {
  const problems = checkArguments(`new ${type}`, { scope, id, props });
  throwIfAny(target.name === type ? problems : problems.map(problem => explainToSubclass(problem, target.name)), pathOf({ scope, id }));
}

/** All problems with the shape of a value that is not an argument: an answer of another construct, or a property of cdk8s. */
export function checkType(what: string, type: string, value: unknown): Problem[] {
  return checkValue(what, type, value);
}

function checkArguments(call: string, given: Arguments): Problem[] {
  return [
    ...checkOptions('', CALLS[call], given),
    ...checkThat(given.id !== '', { code: 'name-invalid', what: 'id must not be empty', fix: 'give an id, such as edge' }),
  ];
}

function pathOf({ scope, id }: Arguments): string {
  const parent = (scope as { readonly node?: { readonly path?: unknown } } | null | undefined)?.node?.path;
  return [parent, id].filter(part => typeof part === 'string' && part !== '').join('/');
}

/** A subclass must not pass its own props to the base class. */
function explainToSubclass(problem: Problem, subclass: string): Problem {
  return problem.code !== 'option-unknown' ? problem : {
    ...problem,
    fix: `${problem.fix}${problem.fix.endsWith('?') ? '' : '.'} If it is an option of ${subclass}, do not pass it on: const { mine, ...rest } = props; super(scope, id, rest)`,
  };
}

/** `parent` is the path of these options in the arguments; empty at the top. */
function checkOptions(parent: string, options: Options, value: object): Problem[] {
  return Object.entries(options).flatMap(([name, type]) => {
    // messages name options of a call without their parameter: `listeners`, not `props.listeners`
    const isTopStruct = parent === '' && type.replace('?', '') in STRUCTS;
    return checkValue(parent === '' ? name : `${parent}.${name}`, type, (value as { [name: string]: unknown })[name], isTopStruct ? '' : undefined);
  });
}

function checkValue(what: string, type: string, value: unknown, place: string = what): Problem[] {
  if (value === undefined && type.endsWith('?')) {
    return [];
  }
  const required = type.replace(/\?$/, '');
  if (value === undefined) {
    return [{ code: 'option-missing', what: `${what} is missing`, fix: `expected ${expectation(required)}` }];
  }
  return checkRequired(what, required, value, place);
}

function checkRequired(what: string, type: string, value: unknown, place: string): Problem[] {
  if (!hasShape(type, value)) {
    return [{ code: type in ENUMS ? 'value-unknown' : 'type-wrong', what: `invalid ${what} ${describeValue(value)}`, fix: `expected ${expectation(type)}` }];
  }
  const element = type.slice(0, -2);
  if (type.endsWith('[]')) {
    return (value as unknown[]).flatMap((item, index) => checkRequired(`${what}[${index}]`, element, item, `${what}[${index}]`));
  }
  if (type.endsWith('{}')) {
    return Object.entries(value as object).flatMap(([key, item]) => {
      const where = `${what}[${describeValue(key)}]`;
      return checkRequired(where, element, item, where);
    });
  }
  return type in STRUCTS ? checkStructOptions(place, type, value as object) : [];
}

function checkStructOptions(place: string, struct: string, value: object): Problem[] {
  const options = optionsOf(struct);
  // an instance of a user's class may have further members
  const unknown = isPlain(value) ? Object.keys(value).filter(key => !Object.hasOwn(options, key) && (value as Options)[key] !== undefined) : [];
  return [
    ...unknown.map(key => unknownOption(place === '' ? key : `${place}.${key}`, key, Object.keys(options))),
    ...Object.entries(options).flatMap(([name, type]) => {
      const where = place === '' ? name : `${place}.${name}`;
      return checkValue(where, type, (value as Options)[name]);
    }),
  ];
}

function unknownOption(what: string, key: string, known: string[]): Problem {
  const similar = mostSimilar(key, known);
  return { code: 'option-unknown', what: `unknown option ${what}`, fix: similar === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${similar}?` };
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
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !classesOf(value).some(name => name in CLASSES);
  }
  if (type in ENUMS) {
    return ENUMS[type].includes(value as string);
  }
  if (type in CLASSES) {
    return classesOf(value).includes(type);
  }
  if (type in INTERFACES) {
    // jsii puts the members of a Python object on the object itself
    return typeof value === 'object' && value !== null && INTERFACES[type][0].every(member => member in value);
  }
  return typeof value === type && (type !== 'number' || Number.isFinite(value));
}

/** An object literal. jsii makes objects of other languages in another realm, with another `Object.prototype`. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Names of an object's class and of its base classes. Names also match between two copies of a package. */
function classesOf(value: unknown): string[] {
  const names: string[] = [];
  for (let prototype = value; typeof prototype === 'object' && prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const own = Object.hasOwn(prototype, 'constructor') ? prototype.constructor as { readonly name: string; readonly [JSII_TYPE]?: { readonly fqn: string } } : undefined;
    if (own !== undefined) {
      names.push(own[JSII_TYPE]?.fqn.split('.').pop() ?? own.name);
    }
  }
  return names;
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
    return classes.length > 0 ? `${article(type)} (${either(classes)})` : `an object with ${members.map(member => `${member}()`).join(', ')}`;
  }
  return type === 'boolean' ? 'true or false' : `a ${type}`;
}

function article(type: string): string {
  return `${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}`;
}

function either(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts[texts.length - 1]}`;
}
