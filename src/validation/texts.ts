// what a text may hold, so that Kubernetes reads in the manifest what was given
import { stringify } from 'yaml';
import type { Problem } from './problem';

/**
 * Characters that YAML 1.1 takes for line breaks, or that its readers refuse; and halves of a pair, which UTF-8 has not.
 *
 * @see https://yaml.org/spec/1.1/#c-printable
 */
const UNPRINTABLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Surrogate}/u;

/** Of several lines, none but blank ones before a tab, or only blank ones: the block that cdk8s writes loses them, or cannot be read. */
const BLANK_BLOCK = /^(?=[^]*\n)([\n ]*\t|[\n ]*$)/;

/** What Kubernetes' YAML reads as a number, once underscores are gone. @see https://github.com/yaml/go-yaml/blob/v2.4.0/resolve.go */
const NUMBER = /^[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][\da-fA-F]+|(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)$/;

/** One line that begins with a letter or a slash: most texts, and none of them has a problem. */
const PLAIN = /^[A-Za-z/][\x20-\x7e]*$/;

/** Whether `checkText` need not look closer. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** All problems with a text that becomes a part of a manifest. */
export function checkText(what: string, text: string): Problem[] {
  const [unprintable] = UNPRINTABLE.exec(text) ?? [];
  if (unprintable !== undefined) {
    return [{
      code: 'text-unprintable',
      what: `${what} has the character U+${unprintable.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
      got: text,
      fix: 'allowed are printable characters, tabs and line feeds',
    }];
  }
  if (BLANK_BLOCK.test(text) && text !== '\n'.repeat(text.length)) {
    return [{ code: 'text-blank', what: `${what} is blank, or its first line begins with a tab`, got: text, fix: 'begin with another character' }];
  }
  return isNumberUnquoted(text)
    ? [{ code: 'text-ambiguous', what: `${what} would be read as a number by Kubernetes`, got: text, fix: 'write it in another way' }]
    : [];
}

/** cdk8s quotes what is a number in YAML 1.1; Kubernetes reads some more as numbers. */
function isNumberUnquoted(text: string): boolean {
  return /^[-+.\d]/.test(text) && NUMBER.test(text.replace(/_/g, '')) && stringify(text, { version: '1.1' }) === `${text}\n`;
}
