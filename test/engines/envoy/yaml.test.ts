import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../../src/engines/envoy/yaml';
import { readByKubernetes } from '../../support/kubernetes-reader';

/** Words and numbers of YAML 1.1, and signs that need quotes. */
const TRICKY = fc.oneof(
  fc.constantFrom('true', 'FALSE', 'null', 'yes', 'Off', 'falsey', 'nullable', 'none', 'inf.x', 'e1', '0x10', '1_000', '12:30', '2026-01-01', '~', '', '<<', '1.5', '1s', '1e3s'),
  fc.string({ unit: fc.constantFrom(...'abefnlstru.-_/:#*&!% \n\'"'.split('')), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'01789_-+.eExXoObBafs:'), maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '\0', '\x7f', '\u0085', '\u2028', '\ufeff', '\uffff'), maxLength: 6 }),
  fc.string({ unit: 'grapheme' }),
);

const VALUE = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'small' }, TRICKY, fc.constant(null), fc.boolean(), fc.integer(), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(TRICKY.filter(key => key !== '__proto__'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).object.map(value => ({ apiVersion: 'v1', kind: 'Any', value }));

test('parsers of YAML 1.1 in two languages read what was written', () => {
  const values = fc.sample(VALUE, 3_000);
  const texts = values.map(toYaml);
  expect(texts.map(text => parse(text, { version: '1.1', merge: false }))).toEqual(values);
  expect(readByKubernetes(texts)).toEqual(values.map(value => ({ error: '', objects: [value] })));
}, 600_000);

test.each(['true', 'false', 'null', 'on', 'y', '1e3', '12:30'])('%s is quoted', word => expect(toYaml({ word })).toBe(`word: "${word}"\n`));
test.each(['gateway-80', '/run/front/admin.sock', '0.25s', '192.0.2.1', 'shop.example.com'])('%s is not quoted', word => expect(toYaml({ word })).toBe(`word: ${word}\n`));

test('the indentation is that of Kubernetes manifests', () => {
  const value = { list: [{ name: 'a', ports: [1, 2] }, { name: 'b' }, 'c'], empty: {}, none: [] };
  expect(toYaml(value)).toBe(Yaml.stringify(value));
});
