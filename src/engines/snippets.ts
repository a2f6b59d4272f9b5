// text that a user adds to a configuration: the one text that is written without quotes
import type { TextWriter } from './text-writer';
import type { Problem } from '../validation/problem';
import { checkText } from '../validation/texts';
import { checkThat } from '../validation/values';

/** Lines in the grammar of the engine, by the place where they go. */
export type Snippets = { readonly [place: string]: string };

/** What would let a text leave its place, or undefined. */
export type SnippetRule = (text: string) => string | undefined;

/** The places of an engine, each with its rule. */
export type SnippetPlaces = { readonly [place: string]: SnippetRule };

/** Stands before each snippet. */
const MARK = '# from configurationSnippets';

/** All problems that a text itself shows. Only the engine knows the rest. */
export function checkSnippets(places: SnippetPlaces, snippets: Snippets = {}): Problem[] {
  return Object.entries(snippets).flatMap(([place, text]) => {
    const what = `configurationSnippets.${place}`;
    if (!Object.hasOwn(places, place)) {
      return [{
        code: 'snippet-place-unknown', what: 'configurationSnippets has a place that this engine lacks', got: place, fix: `expected ${Object.keys(places).join(', ')}`,
      }];
    }
    const problems = checkText(what, text);
    const fault = text === '' ? 'it is empty' : places[place](text);
    return problems.length > 0 ? problems : checkThat(fault === undefined, {
      code: 'snippet-invalid', what: `${what} would change lines that it does not own: ${fault}`, got: text, fix: 'correct the text',
    });
  });
}

/** The lines of a snippet after a comment that says whose they are. No lines without the snippet. */
export function snippetLines(snippets: Snippets | undefined, place: string): string[] {
  const text = snippets?.[place];
  return text === undefined ? [] : [MARK, ...text.replace(/^\n+|\s+$/g, '').split('\n').map(line => line.trimEnd())];
}

/** Writes a snippet at the current depth. */
export function writeSnippet(out: TextWriter, snippets: Snippets | undefined, place: string): void {
  snippetLines(snippets, place).forEach(line => line === '' ? out.blank() : out.line(line));
}

/** Words, quoted texts, braces and semicolons of a text, without its comments, which begin with one of the characters. */
export function wordsOf(text: string, comments: string): string[] {
  const word = new RegExp(String.raw`[${comments}][^\n]*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\$\{\w*\}|[{};\s]|(?:\\[^]|[^\s{};\\])+|\\$`, 'gy');
  return [...text.matchAll(word)].map(([found]) => found).filter(found => found.trim() !== '' && !comments.includes(found[0]));
}

/** Whether words close each block that they open, and each quote. */
export function checkBlocks(words: string[]): string | undefined {
  let depth = 0;
  for (const found of words) {
    depth += found === '{' ? 1 : found === '}' ? -1 : 0;
    if (depth < 0) {
      return 'a brace closes a block that it did not open';
    }
    if (/^["']/.test(found) && !(found.length > 1 && found.endsWith(found[0]))) {
      return 'a quote is not closed';
    }
  }
  return depth > 0 ? 'a brace is not closed' : undefined;
}
