import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { YamlTexts } from '../../src/fleet/yaml-texts';

/** Two entries, which are two texts. */
const MANIFEST = { kind: 'ConfigMap', data: { key: 'on' } };

/** Beginnings and ends of lines, of documents and of quotes; separators that only some take for the end of a line. */
const TEXT = fc.oneof(
  fc.constantFrom('', '---', '--- a', '...', 'on', '01', 'a\n\nb\n', ' a\n  b', 'a\n\n', '\n', 'a\r\nb', 'a\u2028b', 'a\tb\n', '# a', 'a: b\nc'),
  fc.string({ unit: fc.constantFrom(...'ab- \n\t\r:#"\'\u2028\u0085'.split('')), maxLength: 60 }),
);

const KEY = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('spec', 'template', 'metadata', 'containers', 'volumes', 'name', 'on', '1') }, { weight: 1, arbitrary: TEXT });

const TREE = fc.letrec(tie => ({
  value: fc.oneof({ maxDepth: 4 }, TEXT, fc.boolean(), fc.integer(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(KEY, tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).map as fc.Arbitrary<{ [key: string]: unknown }>;

afterEach(() => jest.restoreAllMocks());

describe('writes what cdk8s writes', () => {
  test('of any manifest, at the first site and at the next', () => {
    fc.assert(fc.property(TREE, TREE, (spec, other) => {
      const texts = new YamlTexts();
      const manifests = [spec, { spec, other }, { spec: { template: { ...spec, other } } }, { spec: { containers: [spec, other] } }];
      for (let site = 0; site < 2; site += 1) {
        texts.turn();
        manifests.map(manifest => JSON.parse(JSON.stringify(manifest))).forEach(manifest => {
          expect(texts.of(manifest)).toBe(Yaml.stringify(manifest));
        });
      }
    }), { numRuns: 300 });
  });

  test.each<[string, object, object?]>([
    ['an alias, where an object is there twice', (shared => ({ metadata: shared, spec: { template: shared } }))({ name: 'a' })],
    ['entries without a value', { metadata: { name: undefined, uid: undefined }, spec: undefined }],
    ['a number that is none', { spec: { replicas: NaN } }, { spec: { replicas: null } }],
    ['a number that JSON cannot say', { spec: { replicas: 2n ** 60n } }, {}],
    ['a key that begins with what JavaScript takes for a blank', { spec: { containers: [{ '\u2028a': 0 }] } }],
    ['nothing', {}],
  ])('of %s', (_, manifest, before = JSON.parse(JSON.stringify(manifest))) => {
    const texts = new YamlTexts();
    texts.of(before);
    expect(texts.of(manifest)).toBe(Yaml.stringify(manifest));
  });
});

test('writes a manifest once for sites in a row', () => {
  const stringify = jest.spyOn(Yaml, 'stringify');
  const texts = new YamlTexts();
  for (let site = 0; site < 3; site += 1) {
    texts.turn();
    texts.of({ ...MANIFEST });
  }
  expect(stringify).toHaveBeenCalledTimes(2);
});

test('writes of another manifest what is other', () => {
  const texts = new YamlTexts();
  texts.of({ kind: 'DaemonSet', spec: { template: { metadata: { name: 'a' }, spec: { hostNetwork: true, containers: [] } } } });
  texts.turn();
  const stringify = jest.spyOn(Yaml, 'stringify');
  texts.of({ kind: 'DaemonSet', spec: { template: { metadata: { name: 'b' }, spec: { hostNetwork: true, containers: [] } } } });
  expect(stringify.mock.calls).toEqual([[{ name: 'b' }]]);
});

test('forgets what a whole site went without', () => {
  const stringify = jest.spyOn(Yaml, 'stringify');
  const texts = new YamlTexts();
  texts.of(MANIFEST);
  texts.turn();
  texts.turn();
  texts.of(MANIFEST);
  expect(stringify).toHaveBeenCalledTimes(4);
});
