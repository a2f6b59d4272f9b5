// a copy of options that a construct reads again later
import { isPlain } from './shapes';

/**
 * Copies plain objects and arrays, and keeps instances of classes. So a change that the user makes after the call, such as of one
 * object of options for two constructs, has no effect on what was checked.
 */
export function ownCopy<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(ownCopy) as T;
  }
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, ownCopy(member)])) as T : value;
}
