import * as fc from 'fast-check';
import { endpoint, quoteFormat, quoteHaproxy } from '../../../src/engines/haproxy/grammar';

/**
 * HAProxy's way of reading one line, after parse_line():
 * https://github.com/haproxy/haproxy/blob/v2.6.0/src/tools.c#L5335
 */
function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (quote === '' && character === ' ') {
      found.push(...(word === undefined ? [] : [word]));
      word = undefined;
    } else if (quote === '' && character === '#') {
      break;
    } else if (quote === '' ? /["']/.test(character) : character === quote) {
      quote = quote === '' ? character : '';
      word = word ?? '';
    } else if (character === '\\' && quote !== '\'') {
      const [, escape] = /^(x[0-9a-f]{2}|.)/.exec(line.slice(at + 1))!;
      word = (word ?? '') + (escape.length > 1 ? String.fromCharCode(parseInt(escape.slice(1), 16)) : escape);
      at += escape.length;
    } else if (character === '$' && quote === '"') {
      throw new Error('a variable');
    } else {
      word = (word ?? '') + character;
    }
  }
  return word === undefined ? found : [...found, word];
}

describe('a word', () => {
  const PLAIN = ['gateway-443', '127.0.0.1:80', '[::]:443', 'unix@/run/front/health.sock', '/healthz/ready', '.example.com'];

  test.each(PLAIN)('%s stays as it is', word => {
    expect(quoteHaproxy(word)).toBe(word);
  });

  test('with anything else is quoted', () => {
    expect(quoteHaproxy('')).toBe('""');
    expect(quoteHaproxy('a b#c')).toBe('"a b#c"');
    expect(quoteHaproxy('say "hi" to ${HOME} \\')).toBe('"say \\"hi\\" to \\${HOME} \\\\"');
  });

  test('never ends its line', () => {
    expect(quoteHaproxy('a\nglobal\r')).toBe('"a\\x0aglobal\\x0d"');
  });

  const anything = fc.string({ unit: fc.constantFrom(...'ab "\'\\#$%{}();,\n\r\tx0@'.split(''), 'é', '\x7f'), maxLength: 12 });

  test('is read back as what it was', () => {
    fc.assert(fc.property(fc.array(anything, { minLength: 1 }), texts => {
      const line = texts.map(quoteHaproxy).join(' ');
      expect(line).not.toMatch(/[\n\r]/);
      expect(words(line)).toEqual(texts);
    }));
  });

  test('in a log format has no variables', () => {
    expect(quoteFormat('100%ci')).toBe('"100%%ci"');
  });
});

test('an endpoint is one word', () => {
  expect([endpoint('10.0.0.1', 80), endpoint('::', 80), endpoint('a b', 80)]).toEqual(['10.0.0.1:80', '[::]:80', '"a b:80"']);
});
