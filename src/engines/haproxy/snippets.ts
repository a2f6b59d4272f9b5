// where a user can add lines to haproxy.cfg, and what such lines must not do
import type { SnippetPlaces } from '../snippets';

/** @see https://docs.haproxy.org/3.2/configuration.html */
const SECTIONS = [
  'acme', 'backend', 'cache', 'crt-store', 'defaults', 'fcgi-app', 'frontend', 'global', 'http-errors', 'listen', 'log-forward', 'log-profile', 'mailers', 'peers',
  'program', 'resolvers', 'ring', 'traces', 'userlist',
];

/** Without quotes: HAProxy reads `"frontend"` as `frontend`. */
const firstWords = (text: string) => text.split('\n')
  .map(line => line.trim().split(/\s/)[0].replace(/["']/g, '')).filter(word => word !== '' && !word.startsWith('#'));

/** Words without quotes, quoted texts and the rest of a line after `#`. What is left of a line without a fault is only blanks. */
const PARTS = /(?:[^\s"'\\#]|\\.)+|"(?:[^"\\]|\\.)*"|'[^']*'|#.*|\s+/g;

/** Places in haproxy.cfg. */
export const HAPROXY_PLACES: SnippetPlaces = {
  global: checkLines,
  defaults: checkLines,
  frontend: checkLines,
  backend: checkLines,
  sections: text => SECTIONS.includes(firstWords(text)[0]) ? checkEnds(text) : 'it does not begin with the name of a section',
};

function checkLines(text: string): string | undefined {
  const section = firstWords(text).find(word => SECTIONS.includes(word));
  return section === undefined ? checkEnds(text) : `${section} begins a section, which belongs to configurationSnippets.sections`;
}

function checkEnds(text: string): string | undefined {
  if (firstWords(text).some(word => word.startsWith('.'))) {
    return 'a line begins with a dot: conditions are not possible here';
  }
  if (firstWords(text).some(word => word.includes('\\'))) {
    return 'a line begins with a word that has a backslash';
  }
  if (text.split('\n').some(line => /["']/.test(line.replace(PARTS, '')))) {
    return 'a quote is not closed';
  }
  return text.trimEnd().endsWith('\\') ? 'it ends with a backslash, which joins the next line' : undefined;
}
