// the first arbitrary valid edges of one seed: Envoy, keepalived, crossplane and HAProxy's config-parser understand what the models say.
// `npm run properties` asks them about more
import * as fc from 'fast-check';
import { judgeEnvoy, judgeUnderstanding, judgeVip } from './understanding';
import { modelsOf } from './valid-models';
import { edgeCase } from '../properties/valid-edges';
import { describeEngineInPod } from '../support/describe-engine';

const WISHES = fc.sample(edgeCase(), { numRuns: 60, seed: 20 });
const complaintsOf = (verdicts: ReturnType<typeof judgeVip>) => verdicts.filter(({ complaint }) => complaint !== '');

test.each(['nginx', 'haproxy'])('a parser of the language of %s understands what the models say', front => {
  const cases = WISHES.filter(wish => wish.front === front).map(wish => ({ proxy: modelsOf(wish).proxy }));
  const verdicts = judgeUnderstanding(cases).flat();
  expect(verdicts.length).toBeGreaterThanOrEqual(10);
  expect(complaintsOf(verdicts)).toEqual([]);
}, 600_000);

describeEngineInPod('envoy', () => test('/config_dump has what the models say', () => {
  const cases = WISHES.filter(({ front }) => front === 'envoy').slice(0, 10).flatMap(wish => modelsOf(wish).proxy ?? []);
  expect(cases).toHaveLength(10);
  expect(complaintsOf(cases.map(judgeEnvoy))).toEqual([]);
}, 600_000));

describeEngineInPod('keepalived', () => test('the dump of each node has what the models say', () => {
  const cases = WISHES.filter(({ virtualAddresses }) => virtualAddresses !== undefined).slice(0, 8).flatMap(wish => modelsOf(wish).vip ?? []);
  expect(cases).toHaveLength(8);
  expect(complaintsOf(cases.flatMap(judgeVip))).toEqual([]);
}, 600_000));
