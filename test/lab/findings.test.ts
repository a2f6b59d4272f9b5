// the texts of goals and limits in the lab's table
import { Findings } from '../../lab/findings';
import { CI, FULL } from '../../lab/profiles';

function limitOf(...bounds: Parameters<Findings['add']>[3][]): (string | undefined)[] {
  const findings = new Findings('failover', CI);
  bounds.forEach(bound => findings.add('outage', 0.5, 's', bound));
  return findings.results.map(({ limit }) => limit);
}

test('names the slack of CI beside every goal and limit, also beside a goal of zero', () =>
  expect(limitOf({ goal: 2 }, { goal: 0 }, { limit: 0.8, because: '3 × interval' }, { limit: 0 })).toEqual([
    '+ 1 s for a busy machine', '+ 1 s for a busy machine', '0.8 s (3 × interval) + 1 s for a busy machine', '0 s + 1 s for a busy machine',
  ]));
test('names no slack without goal and limit', () => expect(limitOf({})).toEqual([undefined]));

test('the full profile has no slack and judges by the goal', () => {
  const findings = new Findings('failover', FULL);
  [0.5, 1].forEach(seconds => findings.add('outage', seconds, 's', { goal: 0.5, limit: 2 }));
  expect(findings.results.map(({ limit, pass }) => [limit, pass])).toEqual([['2 s', true], ['2 s', false]]);
});
