// golden models, and the first arbitrary valid edges of one seed: Envoy, keepalived, crossplane and HAProxy's config-parser understand what the models say.
// `npm run properties` asks them about more
import { existsSync, readdirSync } from 'fs';
import { join } from 'path';
import * as fc from 'fast-check';
import { judgeEnvoy, judgeUnderstanding, judgeVip } from './understanding';
import { modelsOf, PROXY_FILES } from './valid-models';
import type { ProxyCase } from './valid-models';
import { renderEnvoy } from '../../src/engines/envoy/render';
import { renderHaproxy } from '../../src/engines/haproxy/render';
import { renderNginx } from '../../src/engines/nginx/render';
import type { ProxyModel } from '../../src/engines/proxy-model';
import { edgeCase } from '../properties/valid-edges';
import { describeEngineInPod } from '../support/describe-engine';

const GOLDEN = join(__dirname, '..', 'engines', 'golden');
const RENDER = { envoy: renderEnvoy, haproxy: renderHaproxy, nginx: renderNginx };

/** The golden models, except that with snippets of its own: they have server names of which several match, and entries. */
function golden(engine: ProxyCase['engine']): ProxyCase[] {
  return readdirSync(GOLDEN).filter(name => name !== 'snippets' && existsSync(join(GOLDEN, name, 'envoy.yaml'))).map(folder => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { proxy: model } = require(join(GOLDEN, folder, 'model')) as { proxy: ProxyModel };
    const text = RENDER[engine](model);
    return { engine, model, text, files: { [Object.entries(PROXY_FILES).find(([, name]) => name === engine)![0]]: text } };
  });
}

const WISHES = fc.sample(edgeCase(), { numRuns: 60, seed: 20 });
const complaintsOf = (verdicts: ReturnType<typeof judgeVip>) => verdicts.filter(({ complaint }) => complaint !== '');

test.each(['nginx', 'haproxy'] as const)('a parser of the language of %s understands what the models say', front => {
  const cases = WISHES.filter(wish => wish.front === front).map(wish => ({ proxy: modelsOf(wish).proxy }));
  const verdicts = judgeUnderstanding([...cases, ...golden(front).map(proxy => ({ proxy }))]).flat();
  expect(verdicts.length).toBeGreaterThanOrEqual(15);
  expect(complaintsOf(verdicts)).toEqual([]);
}, 600_000);

describeEngineInPod('envoy', () => test('/config_dump has what the models say', () => {
  const cases = WISHES.filter(({ front }) => front === 'envoy').slice(0, 8).flatMap(wish => modelsOf(wish).proxy ?? []);
  expect(cases).toHaveLength(8);
  expect(complaintsOf([...cases, ...golden('envoy')].map(judgeEnvoy))).toEqual([]);
}, 600_000));

describeEngineInPod('keepalived', () => test('the dump of each node has what the models say', () => {
  const cases = WISHES.filter(({ virtualAddresses }) => virtualAddresses !== undefined).slice(0, 8).flatMap(wish => modelsOf(wish).vip ?? []);
  expect(cases).toHaveLength(8);
  expect(complaintsOf(cases.flatMap(judgeVip))).toEqual([]);
}, 600_000));
