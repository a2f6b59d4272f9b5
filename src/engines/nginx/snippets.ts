// where a user can add directives to nginx.conf, and what they must not do
import { checkBlocks, wordsOf } from '../snippets';
import type { SnippetPlaces } from '../snippets';

/** Places in nginx.conf. */
export const NGINX_PLACES: SnippetPlaces = { main: checkDirectives, events: checkDirectives, stream: checkDirectives, server: checkDirectives };

function checkDirectives(text: string): string | undefined {
  const words = wordsOf(text, '#');
  const ends = [';', '}', undefined].includes(words.at(-1));
  return checkBlocks(words) ?? (ends ? undefined : 'the last directive has no semicolon');
}
