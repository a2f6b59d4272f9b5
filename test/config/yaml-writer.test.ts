import * as fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../src/config/yaml-writer';

/** YAML 1.1 sees more than strings in strings. */
const readBack = (value: object) => parse(toYaml(value), { version: '1.1' });

test('nests mappings and sequences by two spaces', () => {
  expect(toYaml({ a: { b: [{ c: 1, d: [true, 'x'] }, [2]] } })).toBe('a:\n  b:\n    - c: 1\n      d:\n        - true\n        - x\n    - - 2\n');
});

test('leaves out what is undefined, and says what is empty', () => {
  expect(toYaml({ a: undefined, b: [], c: {}, d: { e: undefined } })).toBe('b: []\nc: {}\nd: {}\n');
  expect(toYaml({})).toBe('{}\n');
});

test.each(['gateway-443', '127.0.0.1', '0.25s', '3600s', '/healthz', 'type.googleapis.com/envoy.v3.TcpProxy'])('%s stays as it is', word => {
  expect(toYaml({ word })).toBe(`word: ${word}\n`);
});

test.each(['', 'on', 'Y', 'null', '~', '1e3', 'e0', '0x10', '1_000', '12:30:45', '2001-01-01', '.inf', '-', '- a', 'a: b', 'a #b', '*', '::', '@type'])('%j is quoted', word => {
  expect(toYaml({ [word]: word })).toBe(`"${word}": "${word}"\n`);
  expect(readBack({ [word]: word })).toEqual({ [word]: word });
});

test('lines that end stand in a block', () => {
  expect(toYaml({ log: 'first "line"\n%second%\n', list: ['one\n'] })).toBe('log: |\n  first "line"\n  %second%\nlist:\n  - |\n    one\n');
});

test('a text never leaves its place', () => {
  expect(toYaml({ name: 'a"\nadmin: \\{}' })).toBe('name: "a\\"\\U0000000aadmin: \\\\{}"\n');
});

test('everything is read back as what it was', () => {
  const key = fc.string({ maxLength: 6 }).filter(text => text !== '__proto__');
  const string = fc.string({ unit: fc.constantFrom(...'ab1.0eyn-:#&*!|>%@`"\'\\{}[],? \n\t'.split(''), 'é', '\x7f', '\u2028', '😀'), maxLength: 8 });
  const { tree } = fc.letrec<{ tree: object }>(tie => ({
    tree: fc.oneof({ maxDepth: 3 }, fc.dictionary(key, fc.oneof(string, fc.integer(), fc.boolean(), fc.constant(null), tie('tree')), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.oneof(string, tie('tree')), { maxLength: 4 })),
  }));
  fc.assert(fc.property(tree, value => expect(readBack(value)).toEqual(value)), { numRuns: 500 });
});
