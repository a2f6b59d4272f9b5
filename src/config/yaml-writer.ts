// plain objects → YAML, in the few forms that a configuration needs; every other string is double-quoted

/** Words that some parser of YAML 1.1 takes for a boolean, nothing or a number; cdk8s' own sees one in `e0`. */
const RESERVED = /^(y|n|yes|no|on|off|true|false|null|nan|inf|e\d+)$/i;

/** Names and paths, IPv4 addresses, durations: what no version of YAML takes for a number, a date or a sign of its grammar. */
const PLAIN = /^([A-Za-z_/][\w./-]*|\d+(\.\d+){3}|\d+(\.\d+)?s)$/;

/** Lines that stand in a literal block as they are. */
const LITERAL = /^([!-~][ -~]*\n)+$/;

/**
 * Reads back as exactly `value`, also where the parser is one of YAML 1.1, such as Envoy's: a bare `on` or `y` would be a boolean.
 * Neither aliases nor folded lines: a diff shows what changed where it changed. Fields that are undefined are left out.
 */
export function toYaml(value: object): string {
  return isNested(value) ? collection(value, '') : `${scalar(value, '')}\n`;
}

function collection(value: object, indent: string): string {
  return Array.isArray(value) ? sequence(value, indent) : mapping(value, indent);
}

function mapping(value: object, indent: string): string {
  const inner = `${indent}  `;
  let lines = '';
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) {
      lines += `${indent}${word(key)}:${isNested(field) ? `\n${collection(field, inner)}` : ` ${scalar(field, inner)}\n`}`;
    }
  }
  return lines;
}

/** An item's first line carries the dash, where a line inside of it would be indented. */
function sequence(items: unknown[], indent: string): string {
  const inner = `${indent}  `;
  return items.map(item => `${indent}- ${isNested(item) ? collection(item, inner).slice(inner.length) : `${scalar(item, inner)}\n`}`).join('');
}

/** Whether the value has lines of its own. */
function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.values(value).some(field => field !== undefined);
}

function scalar(value: unknown, indent: string): string {
  if (typeof value === 'string') {
    return value.endsWith('\n') && LITERAL.test(value) ? `|\n${indent}${value.slice(0, -1).replace(/\n/g, `\n${indent}`)}` : word(value);
  }
  return JSON.stringify(value);
}

function word(value: string): string {
  return PLAIN.test(value) && !RESERVED.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&').replace(/[^ -~]/gu, escaped)}"`;
}

function escaped(character: string): string {
  return `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`;
}
