// keeps strings what they are in keepalived.conf, whose grammar has no escape that all of its words understand

/** Neither white space nor any of `{}"'\!#$@~^;`: those end a word, begin a comment, or are replaced. Enough for a URL. */
const WORD = /^[A-Za-z0-9._:/?&=,+%[\]-]+$/;

/** A name, an address, an interface, a directory or a URL. The checks let nothing else through; this is the last line of defence. */
export function word(text: string): string {
  if (!WORD.test(text)) {
    throw new Error(`keepalived cannot be given the value ${JSON.stringify(text)}; `
      + 'allowed are letters, digits and . _ : / ? & = , + % [ ] -');
  }
  return text;
}
