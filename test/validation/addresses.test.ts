import {
  addressBytes, canonicalAddress, canonicalCidr, checkAddress, checkAddressOf, checkCidr, checkLoopback, hostPrefix,
} from '../../src/validation/addresses';
import { describeProblem, describeValue, EdgeError, throwIfAny } from '../../src/validation/problem';
import type { Problem } from '../../src/validation/problem';

const codes = (problems: { code: string }[]) => problems.map(problem => problem.code);

describe('addresses', () => {
  test.each(['192.0.2.10', '10.0.0.1', '2001:db8::1', 'fd00::1', 'fe80::1', '198.18.0.1'])('accepts %s', address =>
    expect(checkAddress('address', address)).toEqual([]));
  test.each(['', 'edge-1', '192.0.2', '192.0.2.256', '010.0.0.1', '0x7f000001', '192.0.2.1/24', 'fe80::1%eth0', '2001:db8::1::2', '192.0.2.1\n'])(
    'fails for %j', address => expect(codes(checkAddress('address', address))).toEqual(['address-invalid']));
  test.each(['0.0.0.0', '127.0.0.1', '224.0.0.18', '255.255.255.255', '::', '::1', 'ff02::12', '::ffff:192.0.2.1'])(
    'fails for %s, which no machine on a network has', address => expect(codes(checkAddress('address', address))).toEqual(['address-unusable']));
  test.each([['ipv6', '192.0.2.1'], ['ipv4', '2001:db8::1']] as const)('fails for the other family: %s, %s', (family, address) =>
    expect(checkAddressOf(family, 'address', address)).toMatchObject([{ code: 'address-family', what: `address is not an ${family.replace('ip', 'IP')} address` }]));
  test.each([['ipv4', '192.0.2.1'], ['ipv6', '2001:db8::1']] as const)('accepts the own family: %s, %s', (family, address) =>
    expect(checkAddressOf(family, 'address', address)).toEqual([]));
  test('fails for an address that is none before it asks for the family', () => expect(codes(checkAddressOf('ipv6', 'address', '192.0.2'))).toEqual(['address-invalid']));
  test.each([
    ['0.0.0.0', 'the unspecified address'], ['127.0.0.1', 'a loopback address'], ['224.0.0.18', 'a multicast address'], ['255.255.255.255', 'the broadcast address'],
    ['::ffff:192.0.2.1', 'an IPv4-mapped address'],
  ])('says that %s is %s', (address, kind) => expect(checkAddress('address', address)[0].what).toBe(`address is ${kind}`));
  test.each(['127.0.0.1', '::1', '0:0::1'])('accepts %s as loopback', address => expect(checkLoopback('address', address)).toEqual([]));
  test.each(['127.0.0.2', '192.0.2.1', '::2', 'localhost', '', ':::', '::1%lo'])('fails for %j, which is not loopback', address =>
    expect(codes(checkLoopback('address', address))).toEqual(['address-not-loopback']));
  test('alone is a network of its whole length', () => expect([hostPrefix('192.0.2.1'), hostPrefix('2001:db8::1')]).toEqual([32, 128]));
  test('has one spelling for one machine', () => expect(canonicalAddress('2001:DB8:0:0::1')).toBe('2001:db8::1'));
  test('is bytes in network order', () => expect(addressBytes('192.0.2.7')).toEqual([192, 0, 2, 7]));
});

describe('networks', () => {
  test.each(['10.244.0.0/16', '192.0.2.1/32', '2001:db8::/32', '2001:DB8::/128', '0.0.0.0/0', '::/0'])('accepts %s', cidr => expect(checkCidr('cidr', cidr)).toEqual([]));
  test.each(['10.244.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/08', '10.0.0.0/1000', '10.0.0.0/x8', '10.0.0.0/8x', '::/1x', 'x/8', '2001:db8::/129'])('fails for %s', cidr =>
    expect(codes(checkCidr('cidr', cidr))).toEqual(['cidr-invalid']));
  test('fails for IPv4-mapped addresses, which no client has', () =>
    expect(checkCidr('cidr', '::ffff:10.0.0.0/104')).toMatchObject([{ code: 'cidr-invalid', fix: 'give the IPv4 network, such as 192.0.2.0/24' }]));
  test('fails for host bits, and says what was meant', () => {
    expect(checkCidr('cidr', '10.244.1.7/16')).toMatchObject([{ code: 'cidr-host-bits', fix: 'did you mean the network 10.244.0.0/16 or the one address 10.244.1.7/32?' }]);
  });
});

test('a network has one spelling', () => expect([canonicalCidr('2001:DB8:0::/32'), canonicalCidr('10.0.0.0/8')]).toEqual(['2001:db8::/32', '10.0.0.0/8']));
test('fails for host bits of an IPv6 network, and says what was meant', () =>
  expect(checkCidr('cidr', '2001:DB8::7/64')).toMatchObject([{ code: 'cidr-host-bits', fix: 'did you mean the network 2001:db8::/64 or the one address 2001:db8::7/128?' }]));

describe('messages', () => {
  const problem: Problem = { code: 'port-out-of-range', what: 'port is out of range', got: 0, fix: 'expected a whole number from 1 to 65535' };

  test('name the path, the code, the value and the way out', () =>
    expect(describeProblem({ ...problem, path: 'edge/front' })).toBe('[edge/front] port-out-of-range: port is out of range, got 0; expected a whole number from 1 to 65535'));
  test('show an injected value for what it is', () => expect(describeProblem({ ...problem, got: 'a\n}' })).toContain('got "a\\n}";'));
  test('name no value and no path where there is none', () => {
    const { got: _, ...rest } = problem;
    expect(describeProblem(rest)).toBe('port-out-of-range: port is out of range; expected a whole number from 1 to 65535');
    expect(describeProblem({ ...rest, got: undefined })).toContain('out of range, got undefined;');
  });
  test('keep a path that a problem has', () => expect(new EdgeError([{ ...problem, path: 'edge/vip' }], 'edge').problems[0].path).toBe('edge/vip'));
  test('are errors of a name', () => expect(new EdgeError([problem]).name).toBe('EdgeError'));
  test('are thrown if there are any', () => {
    expect(() => throwIfAny([], 'edge')).not.toThrow();
    expect(() => throwIfAny([problem], 'edge')).toThrow('[edge] port-out-of-range');
  });
  test('show 300 characters of a value, and its length if it is longer', () => {
    const quoted = (length: number) => describeValue('x'.repeat(length - 2));
    expect(quoted(300)).toBe(`"${'x'.repeat(298)}"`);
    expect(quoted(301)).toBe(`"${'x'.repeat(299)}… (301 characters)`);
  });
  test.each<[unknown, string]>([
    [() => {}, 'function '], [undefined, 'undefined'], [null, 'null'], [true, 'true'], [5, '5'], [[1, 'a'], '[1,"a"]'], [{ a: 1n }, '{"a":"1n"}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'], [new Map(), '"instance of Map"'], [Object.create(null), '{}'], ['\u202e', '"\\u{202e}"'], ['\u2028', '"\\u{2028}"'],
    [{ toJSON: () => undefined }, 'undefined'], [NaN, 'NaN'], [3n, '3'], [Symbol('x'), 'Symbol(x)'],
    [Object.create(Object.create(Object.create(null))), '{}'],
  ])('show a value as JSON, and an instance as its class', (value, text) => expect(describeValue(value)).toBe(text));
  test('show an object that refers to itself in words', () => {
    const circular: { self?: object } = {};
    circular.self = circular;
    expect(describeValue(circular)).toBe('an object that refers to itself');
  });
  test('come together when there are several', () => {
    const error = new EdgeError([problem, { ...problem, code: 'port-twice' }], 'edge');
    expect(error.message.split('\n')).toHaveLength(2);
    expect(error.problems.map(({ path, code }) => [path, code])).toEqual([['edge', 'port-out-of-range'], ['edge', 'port-twice']]);
  });
});
