// a value must never become grammar
import * as fc from 'fast-check';
import { directive, quoteNginx } from '../../../src/engines/nginx/grammar';

/** How nginx reads one word: quotes end it, a backslash before a quote, a backslash, n, r or t is an escape. */
function read(word: string): string {
  const inner = word.startsWith('"') ? /^"((?:\\.|[^\\"])*)"$/s.exec(word)?.[1] : /^[^\s;{}#"'\\$]+$/.exec(word)?.[0];
  if (inner === undefined) {
    throw new Error(`more or less than one word: ${word}`);
  }
  const escapes: { [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };
  return inner.replace(/\\(["'\\nrt])/g, (_, character: string) => escapes[character] ?? character);
}

describe('quoteNginx', () => {
  test('whatever the value, nginx reads one word, and that value', () => {
    const nasty = fc.constantFrom(...' \t\r\n;{}#"\'\\@/.:=~*nrtaé'.split(''));
    fc.assert(fc.property(fc.string({ unit: nasty }), text => {
      expect(read(quoteNginx(text))).toBe(text);
      expect(quoteNginx(text)).not.toContain('\n');
    }), { numRuns: 2_000 });
  });

  test('leaves names, paths, addresses and wildcards readable', () => {
    ['edge-front', '/run/front/nginx.pid', 'unix:/run/front/health.sock', '[::]:443', '*.example.com', '250ms', 'so_keepalive=60s:15s:4']
      .forEach(text => expect(quoteNginx(text)).toBe(text));
  });

  test.each(['$pid', 'a${b}', '\0'])('fails for %j, which nginx cannot be told as plain text', text => {
    expect(() => quoteNginx(text)).toThrow('nginx.conf cannot hold the value');
  });
});

test('directive quotes each value', () => {
  expect(directive('return', 200, 'a b; }')).toBe('return 200 "a b; }";');
});
