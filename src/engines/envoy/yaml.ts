// plain objects → YAML that Envoy's parser reads back unchanged
import { YamlLines } from './message';
import type { EnvoyMessage } from './message';

/** Names, paths, durations and IPv4 addresses. Every other text is quoted. */
const PLAIN = /^([A-Za-z/][\w./-]*|\d+(\.\d+)?s|\d+(\.\d+){3})$/;

/** Parsers of YAML 1.1 take these for a boolean, for null or for a number. @see https://yaml.org/type/bool.html */
const WORD = /^(y|n|yes|no|on|off|true|false|null|e-?\d+)$/i;

/**
 * Characters that JSON does not escape, but YAML 1.1 reads as a line break or refuses.
 *
 * @see https://yaml.org/spec/1.1/#c-printable
 */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** One line for each field and each item, so that a diff shows each change where it is. */
export function toYaml(value: EnvoyMessage): string {
  return `${block(value, '')}\n`;
}

/** The first line has no indentation, because it can follow the dash of a list. */
function block(value: object, indent: string): string {
  const inner = `${indent}  `;
  const items = Object.entries(value).map(([field, item]) => {
    if (item instanceof YamlLines) {
      return item.lines.map((line, index) => index > 0 && line !== '' ? `${indent}${line}` : line).join('\n');
    }
    if (Array.isArray(value)) {
      return `- ${isNested(item) ? block(item, inner) : scalar(item)}`;
    }
    return `${text(field)}:${isNested(item) ? `\n${inner}${block(item, inner)}` : ` ${scalar(item)}`}`;
  });
  return items.join(`\n${indent}`);
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? text(value) : JSON.stringify(value);
}

/** Whether a value needs its own lines. Empty ones do not: `{}` and `[]`. */
function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function text(value: string): string {
  return PLAIN.test(value) && !WORD.test(value) ? value : JSON.stringify(value).replace(UNPRINTABLE, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
