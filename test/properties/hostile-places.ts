// every place of the public API that takes a value: parameters, and options at any depth
import { isVariadic, optionsOf, valid, validOptions } from './hostile-calls';
import { CALLS, STRUCTS } from '../../src/validation/type-table';
import type { Options } from '../../src/validation/type-table';

/** A parameter or an option, such as `props.listeners[0].port`. */
export interface Place {
  readonly call: string;
  readonly path: readonly (string | number)[];
  readonly type: string;
}

/** All places, walked from the table of the jsii assembly. */
export const PLACES: readonly Place[] = Object.entries(CALLS).flatMap(([call, parameters]) => placesIn(call, parameters, []))
  // JavaScript makes the array of a variadic parameter, so a caller cannot give another value
  .filter(({ call, path }) => path.length > 1 || !isVariadic(call));

function placesIn(call: string, options: Options, before: readonly (string | number)[]): Place[] {
  return Object.entries(options).flatMap(([name, type]) => placesAt(call, [...before, name], type.replace('?', '')));
}

function placesAt(call: string, path: readonly (string | number)[], type: string): Place[] {
  const inner = type.endsWith('[]') ? placesAt(call, [...path, 0], type.slice(0, -2))
    : type.endsWith('{}') ? [{ call, path: [...path, 'key'], type: type.slice(0, -2) }]
      : type in STRUCTS ? placesIn(call, optionsOf(type), path) : [];
  return [{ call, path, type }, ...inner];
}

export function describePlace({ call, path }: Place): string {
  return `${call}: ${path.join('.')}`;
}

/** Right arguments for the call, with the value at the place. */
export function argumentsWith({ call, path }: Place, value: unknown): { [parameter: string]: unknown } {
  return { ...validOptions(CALLS[call]), [path[0]]: along(CALLS[call][path[0]], path, 0, value) };
}

function along(optionalType: string, path: readonly (string | number)[], index: number, value: unknown): unknown {
  if (index === path.length - 1) {
    return value;
  }
  const type = optionalType.replace('?', '');
  const next = path[index + 1];
  if (type.endsWith('[]')) {
    const [, ...others] = valid(type, String(path[index])) as unknown[];
    return [along(type.slice(0, -2), path, index + 1, value), ...others];
  }
  return type.endsWith('{}') ? { [next]: value }
    : { ...validOptions(optionsOf(type)), [next]: along(optionsOf(type)[next], path, index + 1, value) };
}
