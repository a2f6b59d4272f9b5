// plain objects → YAML that Envoy's parser reads as it was meant

import { stringify } from 'yaml';
import type { ApiObject } from './extension';

/**
 * Quotes by the rules of YAML 1.1, because Envoy's parser (yaml-cpp) takes a bare `on` or `y` for a boolean.
 * Without aliases and folded lines, a diff shows each change where it is.
 */
export function toYaml(value: ApiObject): string {
  return stringify(value, {
    compat: 'yaml-1.1',
    // JSON's types. With those of YAML 1.1 this takes twice the time, since the package asks each type about each value.
    schema: 'failsafe',
    customTags: ['null', 'bool', 'int', 'float'],
    aliasDuplicateObjects: false,
    lineWidth: 0,
    directives: false,
  });
}
