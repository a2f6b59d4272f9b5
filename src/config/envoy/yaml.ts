// plain objects → YAML, by the yaml package, which is told what it may skip

import { stringify } from 'yaml';
import type { ScalarTag, Tags } from 'yaml';
import type { ApiObject } from './extension';

const STRING = 'tag:yaml.org,2002:str';

/** No YAML reader takes such a word for anything but a string: most keys and values are one. */
const WORD = /^(?!(?:null|true|false)$)[a-z]{4}[\w./-]*$/;

/**
 * Quotes by the rules of YAML 1.1: Envoy's parser, yaml-cpp, takes a bare `on` or `y` for a boolean.
 * Neither aliases nor folded lines: a diff shows what changed where it changed.
 */
export function toYaml(value: ApiObject): string {
  return stringify(value, { schema: 'yaml-1.1', customTags: quickTags, aliasDuplicateObjects: false, lineWidth: 0, directives: false });
}

/** The package asks every tag about every value, and tries a string against the patterns of all tags: half of its time. */
function quickTags(tags: Tags): Tags {
  return tags.map(tag => typeof tag === 'object' && tag.tag === STRING ? quickString(tag as ScalarTag) : tag);
}

function quickString(string: ScalarTag): ScalarTag {
  return { ...string, stringify: (item, ...rest) => WORD.test(item.value as string) ? item.value as string : string.stringify!(item, ...rest) };
}
