// that each text means the same to a YAML 1.1 parser, as Envoy's is
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { toYaml } from '../../../src/engines/envoy/yaml';

/** Letters that make words of which some mean something, and signs that need quotes. */
const TRICKY = fc.oneof(
  fc.constantFrom('true', 'false', 'null', 'yes', 'off', 'True', 'falsey', 'nullable', 'none', 'inf.x', 'e1', '0x10', '1_000', '12:30', '2026-01-01', '~', ''),
  fc.string({ unit: fc.constantFrom(...'abefnlstru.-_/:#*&!% \n\'"'.split('')), maxLength: 12 }),
  fc.string({ unit: 'grapheme' }),
).filter(text => text !== '<<'); // which the package takes for a merge by itself

const VALUE = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' }, TRICKY, fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(TRICKY, tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).object as fc.Arbitrary<{ [field: string]: unknown }>;

test('it is what the package writes by itself', () => {
  fc.assert(fc.property(VALUE, value => {
    expect(toYaml(value)).toBe(stringify(value, { schema: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 }));
  }), { numRuns: 2_000 });
});

test.each(['true', 'false', 'null', 'on', 'y', '1e3', '12:30'])('%s is quoted', word => expect(toYaml({ word })).toBe(`word: "${word}"\n`));

test('what is the same object twice is written twice', () => {
  const shared = { port_value: 80 };
  expect(toYaml({ one: shared, other: shared })).toBe('one:\n  port_value: 80\nother:\n  port_value: 80\n');
});
