import { Yaml } from 'cdk8s';
import { YamlTexts } from '../../src/fleet/yaml-texts';

const MANIFEST = { kind: 'ConfigMap', data: { key: 'on' } };

afterEach(() => jest.restoreAllMocks());

test('writes what cdk8s writes', () => expect(new YamlTexts().of(MANIFEST)).toBe(Yaml.stringify(MANIFEST)));

test('writes a manifest once for sites in a row', () => {
  const stringify = jest.spyOn(Yaml, 'stringify');
  const texts = new YamlTexts();
  for (let site = 0; site < 3; site += 1) {
    texts.turn();
    texts.of({ ...MANIFEST });
  }
  expect(stringify).toHaveBeenCalledTimes(1);
});

test('forgets what a whole site went without', () => {
  const stringify = jest.spyOn(Yaml, 'stringify');
  const texts = new YamlTexts();
  texts.of(MANIFEST);
  texts.turn();
  texts.turn();
  texts.of(MANIFEST);
  expect(stringify).toHaveBeenCalledTimes(2);
});
