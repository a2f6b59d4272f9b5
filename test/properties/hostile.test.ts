// hostile values in every place of the API; HOSTILE_CASES and HOSTILE_SEED choose how many, and which
import { hostileVerdicts } from './hostile-properties';
import { chartOf, messageOf, TWO_NODES } from '../../sandbox/synth';
import { EdgeNodes, MeshEdge } from '../../src';
import type { MeshEdgeProps } from '../../src';

const CASES = Number(process.env.HOSTILE_CASES ?? 200);
const SEED = Number(process.env.HOSTILE_SEED ?? 1);

test(`${CASES} hostile values with the seed ${SEED} are refused with a code, or are data`, () => {
  const verdicts = hostileVerdicts(CASES, SEED);
  const count = (kind: string) => verdicts.filter(verdict => verdict.kind === kind).length;
  process.stdout.write(`hostile values: seed ${SEED}, ${verdicts.length} cases, ${count('refused')} refused, ${count('data')} read back as data, ${count('unwritten')} without effect\n`);
  expect(verdicts).toHaveLength(CASES);
  expect(verdicts.filter(({ fault }) => fault !== '').map(({ what, fault }) => `${what}: ${fault}`)).toEqual([]);
}, 3_600_000);

const failing = (given: unknown) => {
  const chart = chartOf();
  const message = messageOf(() => new MeshEdge(chart, 'edge', given as MeshEdgeProps));
  expect(chart.node.children).toEqual([]);
  return message;
};
const broken = () => {
  throw new TypeError('hostile');
};

test.each<[string, object]>([
  ['a getter that throws', { nodes: TWO_NODES, get labels() { return broken(); } }],
  ['a proxy that throws', new Proxy({}, { get: broken, getPrototypeOf: broken, has: broken, ownKeys: broken })],
  ['a member "constructor" that is null', { nodes: TWO_NODES, constructor: null }],
  ['a revoked proxy in a list', { nodes: TWO_NODES, virtualAddresses: [(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()] }],
])('fails for %s with a code', (_, given) => expect(failing(given)).toMatch(/^\[edge\/edge\] type-wrong: an argument has a member that cannot be read/));

test('fails for a list with a hole', () => {
  expect(failing({ nodes: TWO_NODES, virtualAddresses: new Array(1) })).toContain('type-wrong: invalid virtualAddresses[0] undefined');
  expect(messageOf(() => EdgeNodes.of(...new Array(1)))).toContain('type-wrong: invalid nodes[0] undefined');
});

test.each(['__proto__', 'constructor', 'toString'])('fails for the id %s', id =>
  expect(messageOf(() => new MeshEdge(chartOf(), id, { nodes: TWO_NODES }))).toBe(
    `[edge/${id}] name-invalid: id is a member of all objects of JavaScript, got "${id}"; give another id, such as edge`));

test('fails without new, with the message of JavaScript: a class cannot see such a call', () =>
  expect(messageOf(() => Reflect.apply(MeshEdge, undefined, [chartOf(), 'edge', { nodes: TWO_NODES }]))).toBe('Class constructor MeshEdge cannot be invoked without \'new\''));
