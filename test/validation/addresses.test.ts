import { addressBytes, canonicalAddress, checkAddress, checkAddressOf, checkCidr } from '../../src/validation/addresses';
import { describeProblem, EdgeError } from '../../src/validation/problem';
import type { Problem } from '../../src/validation/problem';

const codes = (problems: { code: string }[]) => problems.map(problem => problem.code);

describe('addresses', () => {
  test.each(['192.0.2.10', '10.0.0.1', '2001:db8::1', 'fd00::1', 'fe80::1', '198.18.0.1'])('accepts %s', address =>
    expect(checkAddress('address', address)).toEqual([]));
  test.each(['', 'edge-1', '192.0.2', '192.0.2.256', '010.0.0.1', '0x7f000001', '192.0.2.1/24', 'fe80::1%eth0', '2001:db8::1::2', '192.0.2.1\n'])(
    'fails for %j', address => expect(codes(checkAddress('address', address))).toEqual(['address-invalid']));
  test.each(['0.0.0.0', '127.0.0.1', '224.0.0.18', '255.255.255.255', '::', '::1', 'ff02::12', '::ffff:192.0.2.1'])(
    'fails for %s, which no machine on a network has', address => expect(codes(checkAddress('address', address))).toEqual(['address-unusable']));
  test('fails for the other family', () => expect(codes(checkAddressOf('ipv6', 'ipv6Address', '192.0.2.1'))).toEqual(['address-family']));
  test('has one spelling for one machine', () => expect(canonicalAddress('2001:DB8:0:0::1')).toBe('2001:db8::1'));
  test('is bytes in network order', () => expect(addressBytes('192.0.2.7')).toEqual([192, 0, 2, 7]));
});

describe('networks', () => {
  test.each(['10.244.0.0/16', '192.0.2.1/32', '2001:db8::/32', '0.0.0.0/0'])('accepts %s', cidr => expect(checkCidr('cidr', cidr)).toEqual([]));
  test.each(['10.244.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/08', 'x/8', '2001:db8::/129'])('fails for %s', cidr =>
    expect(codes(checkCidr('cidr', cidr))).toEqual(['cidr-invalid']));
  test('fails for host bits, and says what was meant', () => {
    expect(checkCidr('cidr', '10.244.1.7/16')).toMatchObject([{ code: 'cidr-host-bits', fix: 'did you mean the network 10.244.0.0/16 or the one address 10.244.1.7/32?' }]);
  });
});

describe('messages', () => {
  const problem: Problem = { code: 'port-out-of-range', what: 'port is out of range', got: 0, fix: 'expected a whole number from 1 to 65535' };

  test('name the path, the code, the value and the way out', () =>
    expect(describeProblem({ ...problem, path: 'edge/front' })).toBe('[edge/front] port-out-of-range: port is out of range, got 0; expected a whole number from 1 to 65535'));
  test('show an injected value for what it is', () => expect(describeProblem({ ...problem, got: 'a\n}' })).toContain('got "a\\n}";'));
  test('come together when there are several', () => {
    const error = new EdgeError([problem, { ...problem, code: 'port-twice' }], 'edge');
    expect(error.message.split('\n')).toHaveLength(2);
    expect(error.problems.map(({ path, code }) => [path, code])).toEqual([['edge', 'port-out-of-range'], ['edge', 'port-twice']]);
  });
});
