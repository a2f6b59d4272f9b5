// words of keepalived.conf; its grammar has no escape that works in all of them

/** Without white space and `{}"'\!#$@~^;`, which end a word, begin a comment or are replaced. Enough for a URL. */
const WORD = /^[A-Za-z0-9._:/?&=,+%[\]-]+$/;

/**
 * A name, an address, an interface, a directory or a URL. The checks find other values first; this is the last check.
 *
 * @throws Error if keepalived.conf cannot hold the text
 */
export function word(text: string): string {
  if (!WORD.test(text)) {
    throw new Error(`keepalived.conf cannot hold the value ${JSON.stringify(text)}; `
      + 'expected letters, digits and . _ : / ? & = , + % [ ] -');
  }
  return text;
}
