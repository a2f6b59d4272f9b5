// bench/results.json: a run replaces only what it has measured
import { KeptResult, merge, table } from '../../bench/findings';

const result = (benchmark: string, figure: number, commit?: string): KeptResult => ({ benchmark, figure, unit: 'ms', pass: true, commit });

const OLD = [result('synth-edge: an edge', 1), result('synth-edge: its memory', 2), result('synth-helm: a fleet', 3)];
const ORDER = ['synth-edge', 'synth-helm', 'wire-vip'];

test('fresh results replace those of their suite, in the order of the suites', () => {
  const fresh = [result('synth-edge: an edge', 4, 'abc1234')];
  expect(merge(OLD, fresh, ORDER)).toEqual([fresh[0], OLD[2]]);
  expect(merge([OLD[2]], fresh, ORDER)).toEqual([fresh[0], OLD[2]]);
});

test('a suite that was skipped keeps its results', () => expect(merge(OLD, [], ORDER)).toEqual(OLD));

test('the table names the commit, if the result does', () => {
  const lines = table([result('synth-edge: an edge', 1, 'abc1234'), OLD[1]]).split('\n');
  expect(lines.map(line => line.split('|').at(-2)!.trim())).toEqual(['commit', '---------', 'abc1234', '']);
});
