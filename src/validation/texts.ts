// checks that Kubernetes reads a text from the manifest exactly as given
import type { Problem } from './problem';

/**
 * Characters that YAML 1.1 reads as line breaks or refuses, and unpaired surrogates, which UTF-8 cannot encode.
 *
 * @see https://yaml.org/spec/1.1/#c-printable
 */
const UNPRINTABLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Surrogate}/u;

/** Several lines that are all blank, or blank until a tab. cdk8s writes a block that loses them or cannot be parsed. */
const BLANK_BLOCK = /^(?=[^]*\n)([\n ]*\t|[\n ]*$)/;

/**
 * What the YAML parser of Kubernetes reads as a number, after underscores are removed.
 *
 * @see https://github.com/yaml/go-yaml/blob/v2.4.0/resolve.go
 */
const NUMBER = /^[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][\da-fA-F]+|(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)$/;

/**
 * What cdk8s quotes, because YAML 1.1 reads it as a number.
 *
 * @see https://github.com/eemeli/yaml/tree/v2.9.1/src/schema/yaml-1.1
 */
const QUOTED_NUMBER = /^[-+]?(0b[01_]+|0x[\da-fA-F_]+|(\d[\d_]*)?(\.[\d_]*)?([eE][-+]?\d+)?)$/;

/** One line that begins with a letter or a slash. Most texts are like this, and none of these has a problem. */
const PLAIN = /^[A-Za-z/][\x20-\x7e]*$/;

/** Whether a text needs no `checkText`. */
export function isPlainText(text: string): boolean {
  return PLAIN.test(text);
}

/** All problems with a text in a manifest. */
export function checkText(what: string, text: string): Problem[] {
  const [unprintable] = UNPRINTABLE.exec(text) ?? [];
  if (unprintable !== undefined) {
    return [{
      code: 'text-unprintable',
      what: `${what} has the character U+${unprintable.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
      got: text,
      fix: 'expected printable characters, tabs and line feeds',
    }];
  }
  if (BLANK_BLOCK.test(text) && text !== '\n'.repeat(text.length)) {
    return [{
      code: 'text-blank',
      what: `${what} is blank, or its first line begins with a tab`,
      got: text,
      fix: 'begin the first line with a visible character',
    }];
  }
  return !isNumberUnquoted(text) ? [] : [{
    code: 'text-ambiguous',
    what: `${what} would be read as a number by Kubernetes`,
    got: text,
    fix: 'give a text that is not a number',
  }];
}

/** Kubernetes reads more texts as numbers than YAML 1.1 does, such as `0o17`. */
function isNumberUnquoted(text: string): boolean {
  return /^[-+.\d]/.test(text) && NUMBER.test(text.replace(/_/g, '')) && !QUOTED_NUMBER.test(text);
}
