// lab/results.md: what results.json holds, and no figure passes that another scenario than today's has measured
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { keptResults, pageOf, RESULTS_PAGE, scenarioHash, withoutComments } from '../../lab/kept-results';

const kept = keptResults();
const scenarios = [...new Set(kept.results.map(({ scenario }) => scenario))];

// a scenario was changed: `npm run test:update` marks its figures, a new run of it replaces them
test('results.md says what results.json holds of today\'s scenarios', () => {
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(RESULTS_PAGE, pageOf(kept));
  }
  expect(pageOf(kept)).toBe(readFileSync(RESULTS_PAGE, 'utf8'));
});

test('every result names the commit that it was measured at', () =>
  expect(kept.results.filter(({ commit }) => !/^[0-9a-f]{7,}(-dirty)?$/.test(commit))).toEqual([]));

test.each(scenarios)('%s has a file of its name', name =>
  expect(existsSync(join(__dirname, '..', '..', 'lab', 'scenarios', `${name}.ts`))).toBe(true));

test('a figure passes only while its scenario is what it was', () => {
  const one = { scenario: 'stranger', criterion: 'moves of the VIP', figure: 0, unit: 'moves', pass: true, commit: 'abc1234', engines: 'newest' as const };
  const lastLine = (hash: string) => pageOf({ machine: '2 cores', results: [{ ...one, scenarioHash: hash }] }).trimEnd().split('\n').pop();
  expect(lastLine(scenarioHash('stranger'))).toMatch(/ pass at abc1234, newest +\|$/);
  expect(lastLine('another')).toMatch(/ measured at abc1234, newest, \*\*before the scenario changed\*\* +\|$/);
});

test('a scenario is its file with the scenarios and variants that it imports', () => {
  const hashes = scenarios.map(name => scenarioHash(name));
  expect(new Set(hashes).size).toBe(scenarios.length);
});

test('a scenario stays the same when only its imports and comments change', () => {
  const body = '\nexport const DONE = { from: \'./b\' }; // what is done\n';
  const heads = ["// a scenario\nimport { a } from './a';\n", "// said otherwise\nimport {\n  a,\n} from '../b';\n\n/**\n * Of two lines.\n */"];
  expect(heads.map(head => withoutComments(`${head}${body}`).trim())).toEqual([body.trim(), body.trim()]);
  expect(withoutComments('const goal = 0;\n')).not.toBe(withoutComments('const goal = 1;\n'));
});
