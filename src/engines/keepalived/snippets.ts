// where a user can add lines to keepalived.conf, and what they must not do
import { checkBlocks, wordsOf } from '../snippets';
import type { SnippetPlaces } from '../snippets';

/** Places in keepalived.conf. */
export const KEEPALIVED_PLACES: SnippetPlaces = { global_defs: checkLines, vrrp_instance: checkLines, sections: checkLines };

function checkLines(text: string): string | undefined {
  return checkBlocks(wordsOf(text, '#!'));
}
