import { messageOf } from '../../sandbox/synth';
import { EdgeNodes } from '../../src';

const ONE = { hostname: 'edge-1', address: '192.0.2.11' };
const TWO = { hostname: 'edge-2', address: '192.0.2.12' };

describe('ways to choose nodes', () => {
  test('by address: knows hostnames and nodes', () => {
    const nodes = EdgeNodes.of(ONE, TWO);
    expect(nodes.hostnames).toEqual(['edge-1', 'edge-2']);
    expect(nodes.nodes).toEqual([ONE, TWO]);
  });
  test('by name: knows hostnames only', () => expect(EdgeNodes.named('edge-1')).toMatchObject({ hostnames: ['edge-1'], nodes: [] }));
  test('by label: knows neither', () => expect(EdgeNodes.labeled({ role: 'edge' })).toMatchObject({ hostnames: [], nodes: [], labels: { role: 'edge' } }));
  test('dedicated nodes keep what they were and add a taint', () => {
    expect(EdgeNodes.of(ONE).dedicated()).toMatchObject({ hostnames: ['edge-1'], taintKeys: ['node-role.kubernetes.io/edge'] });
    expect(EdgeNodes.of(ONE).dedicated('example.com/edge').taintKeys).toEqual(['example.com/edge']);
  });
  test('several taints add up', () => {
    const two = ['node-role.kubernetes.io/edge', 'CriticalAddonsOnly'];
    expect(EdgeNodes.of(ONE).dedicated(...two).taintKeys).toEqual(two);
    expect(EdgeNodes.of(ONE).dedicated().dedicated('CriticalAddonsOnly').dedicated().taintKeys).toEqual(two);
  });
  test('labels have one order, whatever the language\'s maps do', () =>
    expect(EdgeNodes.labeled({ b: '1', a: '2' })._describe()).toBe(EdgeNodes.labeled({ a: '2', b: '1' })._describe()));
  test('addresses have one spelling, in both families', () => {
    expect(EdgeNodes.of({ hostname: 'edge-1', address: '2001:DB8:0::11' }).nodes[0].address).toBe('2001:db8::11');
    expect(EdgeNodes.of({ ...ONE, ipv6Address: '2001:DB8::192.0.2.11' }).nodes[0].ipv6Address).toBe('2001:db8::c000:20b');
  });
  test('what was checked stays', () => {
    const node = { ...ONE };
    const nodes = EdgeNodes.of(node, TWO);
    node.address = 'bad;';
    expect(nodes.nodes[0].address).toBe(ONE.address);
  });
  test('cannot be changed through what it hands out', () => {
    const nodes = EdgeNodes.of(ONE, TWO);
    nodes.hostnames.pop();
    nodes.nodes.pop();
    expect(nodes.hostnames).toHaveLength(2);
    expect(nodes.nodes).toHaveLength(2);
  });
});

describe('overlap', () => {
  const overlaps = (one: EdgeNodes, other: EdgeNodes) => [one._overlaps(other), other._overlaps(one)];

  test.each([
    ['no common hostname', EdgeNodes.named('a', 'b'), EdgeNodes.named('c'), false],
    ['a common hostname', EdgeNodes.named('a', 'b'), EdgeNodes.of({ ...ONE, hostname: 'b' }), true],
    ['different values of one label', EdgeNodes.labeled({ role: 'edge', zone: 'a' }), EdgeNodes.labeled({ zone: 'b' }),
      false],
    ['different labels', EdgeNodes.labeled({ role: 'edge' }), EdgeNodes.labeled({ zone: 'b' }), true],
    ['a label named after what every object has', EdgeNodes.labeled({ constructor: 'x' }),
      EdgeNodes.labeled({ role: 'edge' }), true],
    ['the same label', EdgeNodes.labeled({ role: 'edge' }), EdgeNodes.labeled({ role: 'edge' }), true],
    ['hostnames and labels', EdgeNodes.named('a'), EdgeNodes.labeled({ role: 'edge' }), true],
  ])('%s', (_, one, other, expected) => expect(overlaps(one, other)).toEqual([expected, expected]));

  test('is denied by the user\'s word, either way round, also for copies', () => {
    const labeled = EdgeNodes.labeled({ role: 'edge' });
    const named = EdgeNodes.named('a').assumeDisjointFrom(labeled);
    expect(overlaps(named, labeled)).toEqual([false, false]);
    expect(overlaps(named.dedicated(), labeled.dedicated())).toEqual([false, false]);
    expect(overlaps(named, EdgeNodes.labeled({ role: 'edge' }))).toEqual([true, true]);
  });
  test('is denied for each of several sets', () => {
    const others = [EdgeNodes.labeled({ role: 'edge' }), EdgeNodes.labeled({ zone: 'b' })];
    const named = EdgeNodes.named('a').assumeDisjointFrom(others[0]).assumeDisjointFrom(others[1]);
    expect(others.map(other => overlaps(named, other))).toEqual([[false, false], [false, false]]);
  });
});

const LABELED = EdgeNodes.labeled({ role: 'edge' });

describe('bad input', () => {
  test.each<[string, () => EdgeNodes, string]>([
    ['a set that shares no node with itself', () => LABELED.assumeDisjointFrom(LABELED.dedicated()), 'nodes-not-disjoint: a set shares all nodes with itself; give'],
    ['sets that both list a node', () => EdgeNodes.named('a', 'b').assumeDisjointFrom(EdgeNodes.named('b', 'c')),
      '[EdgeNodes.assumeDisjointFrom()] nodes-not-disjoint: both sets have b; give sets that share no node'],
    ['an empty list of nodes', () => EdgeNodes.of(), 'list-empty'],
    ['the label that means maintenance', () => EdgeNodes.labeled({ 'cdk8s-istio-edge/maintenance': '' }),
      'label-reserved'],
    ['a hostname that is not set', () => EdgeNodes.named(process.env.NO_SUCH_HOST!),
      'type-wrong: invalid hostnames[0] undefined; expected a string'],
    ['an address that is not set', () => EdgeNodes.of({ ...ONE, address: process.env.NO_SUCH_ADDRESS! }),
      'option-missing: nodes[0].address is missing; expected a string'],
    ['an array in the place of names', () => EdgeNodes.named(['a'] as unknown as string),
      'type-wrong: invalid hostnames[0] ["a"]; expected a string'],
    ['an empty list of names', () => EdgeNodes.named(), 'list-empty'],
    ['no label', () => EdgeNodes.labeled({}), 'list-empty'],
    ['the same hostname twice', () => EdgeNodes.named('a', 'a'),
      'hostname-twice: hostnames must not repeat a value, got "a"'],
    ['the same hostname twice, with addresses', () => EdgeNodes.of(ONE, { ...TWO, hostname: 'edge-1' }),
      'hostname-twice'],
    ['the same address twice', () => EdgeNodes.of(ONE, { ...TWO, address: ONE.address }), 'address-twice'],
    ['the same IPv6 address in two spellings', () => EdgeNodes.of(
      { hostname: 'a', address: '2001:db8::1' }, { hostname: 'b', address: '2001:DB8:0::1' }), 'address-twice'],
    ['the same node name twice', () => EdgeNodes.of({ ...ONE, nodeName: 'n' }, { ...TWO, nodeName: 'n' }),
      'node-name-twice'],
    ['a node name that is the hostname of another node', () => EdgeNodes.of({ ...ONE, nodeName: 'edge-2' }, TWO),
      'node-name-twice'],
    ['the same ipv6Address twice', () => EdgeNodes.of(
      { ...ONE, ipv6Address: '2001:db8::1' }, { ...TWO, ipv6Address: '2001:DB8:0::1' }), 'address-twice'],
    ['an invalid hostname with an address', () => EdgeNodes.of({ ...ONE, hostname: 'Edge_1' }),
      'hostname-invalid: hostname is not a DNS name'],
    ['an invalid hostname', () => EdgeNodes.named('Edge_1'),
      'hostname-invalid: hostname is not a DNS name, got "Edge_1"'],
    ['a hostname with a newline', () => EdgeNodes.named('a\n@b'),
      'hostname-invalid: hostname is not a DNS name, got "a\\n@b"'],
    ['a hostname that is no label value', () => EdgeNodes.named(`${'a'.repeat(40)}.${'b'.repeat(40)}`),
      'hostname-invalid: hostname is too long'],
    ['an invalid node name', () => EdgeNodes.of({ ...ONE, nodeName: 'a b' }), 'node-name-invalid'],
    ['an address that is none', () => EdgeNodes.of({ ...ONE, address: 'edge-1' }), 'address-invalid'],
    ['a loopback address', () => EdgeNodes.of({ ...ONE, address: '127.0.0.1' }),
      'address-unusable: address of "edge-1" is a loopback address'],
    ['an IPv4 address as ipv6Address', () => EdgeNodes.of({ ...ONE, ipv6Address: '192.0.2.1' }), 'address-family'],
    ['ipv6Address beside an IPv6 address',
      () => EdgeNodes.of({ hostname: 'a', address: '2001:db8::1', ipv6Address: '2001:db8::2' }), 'address-family'],
    ['IPv4 and IPv6 mixed', () => EdgeNodes.of(ONE, { hostname: 'edge-2', address: '2001:db8::2' }),
      'address-family: addresses of edge-1 and edge-2 are not of the same family'],
    ['ipv6Address on some nodes only', () => EdgeNodes.of(ONE, { ...TWO, ipv6Address: '2001:db8::2' }),
      'address-family: edge-2 has an ipv6Address'],
    ['an interface with a slash', () => EdgeNodes.of({ ...ONE, networkInterface: 'eth/0' }), 'interface-invalid'],
    ['priority 0', () => EdgeNodes.of({ ...ONE, priority: 0 }), 'priority-out-of-range'],
    ['priority 255, which is the owner\'s', () => EdgeNodes.of({ ...ONE, priority: 255 }), 'priority-out-of-range'],
    ['the same taint twice', () => EdgeNodes.of(ONE).dedicated('example.com/edge', 'example.com/edge'), 'taint-twice: keys of taints must not repeat a value, got "example.com/edge"'],
    ['an invalid taint key', () => EdgeNodes.of(ONE).dedicated('a b'), 'label-invalid'],
    ['an invalid label value', () => EdgeNodes.labeled({ role: 'a b' }), 'label-invalid'],
  ])('fails for %s', (_, action, expected) => expect(messageOf(action)).toContain(expected));

  test('a hostname may have as many characters as the value of a label', () => {
    expect(messageOf(() => EdgeNodes.named('a'.repeat(63)))).toBe('');
    expect(messageOf(() => EdgeNodes.named(`${'a'.repeat(31)}.${'b'.repeat(32)}`))).toContain('hostname-invalid: hostname is too long');
  });
  test('fails with all problems of all nodes, and compares only addresses that are some', () => {
    const nodes = [{ hostname: 'A', address: 'x', ipv6Address: '2001:db8::1' }, { hostname: 'A', address: 'x' }];
    expect(messageOf(() => EdgeNodes.of(...nodes)).split('\n').map(line => line.replace(/^\[.*?\] |: .*/g, ''))).toEqual(
      ['hostname-invalid', 'address-invalid', 'hostname-invalid', 'address-invalid', 'hostname-twice']);
  });
  test('fails once for no node, and once for an address that only looks like IPv6', () => {
    expect(messageOf(() => EdgeNodes.of()).split('\n')).toEqual([expect.stringContaining('list-empty: hostnames')]);
    expect(messageOf(() => EdgeNodes.of({ ...ONE, address: '2001:db8::x', ipv6Address: '2001:db8::1' })).split('\n')).toEqual([expect.stringContaining('address-invalid')]);
  });
  test('takes nodes that have IPv6 alone', () => {
    const nodes = [1, 2].map(index => ({ hostname: `n${index}`, address: `2001:db8::${index}` }));
    expect(messageOf(() => EdgeNodes.of(...nodes))).toBe('');
  });
  test('takes both families on every node', () => {
    const dual = [{ ...ONE, ipv6Address: '2001:db8::1' }, { ...TWO, ipv6Address: '2001:db8::2' }];
    expect(messageOf(() => EdgeNodes.of(...dual))).toBe('');
  });
});
