// where a user can add YAML to Envoy's bootstrap, and what it must not do
import { snippetLines } from '../snippets';
import type { SnippetPlaces, Snippets } from '../snippets';

/** A field of a message by its name in the API; other spellings would hide a field that is there already. */
const FIELD = /^[a-z][a-z0-9_]*:(\s|$)/;
const ITEM = /^- \S/;

/** Places in Envoy's bootstrap: further fields of a message, or further items of a list. */
export const ENVOY_PLACES: SnippetPlaces = {
  bootstrap: fields,
  clusters: items,
  listener: fields,
  listener_filters: items,
  network_filters: items,
  cluster: fields,
};

function fields(text: string): string | undefined {
  return checkYaml(text, FIELD, 'a line without indentation is not a field such as access_log:');
}

function items(text: string): string | undefined {
  return checkYaml(text, ITEM, 'a line without indentation does not begin an item with a dash');
}

/** The lines keep their depth below the place, so only those without indentation can be at the place itself. */
function checkYaml(text: string, outermost: RegExp, fault: string): string | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  if (lines.some(line => /^ *\t/.test(line))) {
    return 'a line is indented with a tab';
  }
  const first = lines.filter(line => !/^\s*#/.test(line))[0] ?? '';
  return first.startsWith(' ') || lines.some(line => /^[^\s#]/.test(line) && !outermost.test(line)) ? fault : undefined;
}

/** Names of the fields that a snippet adds to a message. */
export function fieldsOf(snippets: Snippets | undefined, place: string): string[] {
  return snippetLines(snippets, place).filter(line => FIELD.test(line)).map(line => line.split(':')[0]);
}
