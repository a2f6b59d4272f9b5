// which scenarios an order means, and in which kinds of clusters they run
import { UsageError } from '../../lab/flags';
import { byKind, readOrder } from '../../lab/run-scenarios';

const flags = (...names: string[]) => ({ names, keep: false });
const named = (order: ReturnType<typeof readOrder>) => order.scenarios.map(({ name }) => name);

test('each scenario runs once, in a cluster of its kind', () => {
  const order = readOrder(flags('all'));
  const kinds = byKind(order).map(([{ ipFamily, edges }, part]) => [`${ipFamily}, ${edges}`, named(part)] as const);
  expect(kinds.map(([kind]) => kind).sort()).toEqual(['dual, 2', 'dual, 3', 'ipv6, 2']);
  expect(Object.fromEntries(kinds)).toMatchObject({ 'dual, 3': ['spread-connections', 'replace-node'], 'ipv6, 2': ['ipv6-only'] });
  expect(kinds.flatMap(([, names]) => names).sort()).toEqual(named(order).sort());
});

test('in a lab that is up, all means what can run there', () => {
  expect(named(readOrder(flags('all'), { ipFamily: 'dual', edges: 2 }))).not.toContain('spread-connections');
  const withThree = named(readOrder(flags('all'), { ipFamily: 'dual', edges: 3 }));
  expect(withThree).toEqual(expect.arrayContaining(['spread-connections', 'failover']));
  expect(withThree).not.toContain('ipv6-only');
});

test.each([
  ['spread-connections', 'spread-connections needs --ip-family dual --edges 3, but the lab that is up has --ip-family dual --edges 2'],
  ['ipv6-only', 'ipv6-only needs --ip-family ipv6 --edges 2, but'],
])('fails for %s in a lab of another kind', (name, expected) => {
  const read = () => readOrder(flags(name), { ipFamily: 'dual', edges: 2 });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(expected);
});
