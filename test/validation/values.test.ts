import * as fc from 'fast-check';
import { checkImage } from '../../src/validation/images';
import {
  checkAnnotations, checkAnnotationsSize, checkDistinct, checkDnsLabel, checkDnsName, checkHost, checkInterface, checkIstioVersion, checkLabels,
  checkMilliseconds, checkPort,
} from '../../src/validation/values';

const codes = (problems: { code: string }[]) => problems.map(problem => problem.code);

/** Characters that mean something in YAML, shells, or one of the engines' grammars. */
const INJECTIONS = ['a\nb', 'a}b', 'a;b', 'a"b', 'a\'b', '${a}', 'a$b', 'a@b', 'a b', 'a#b', 'a\\b', 'a\tb', 'a\u0000b', '', '-a', 'a-', 'ä'];

describe('ports', () => {
  test.each([1, 80, 65_535])('accepts %d', port => expect(checkPort('port', port)).toEqual([]));
  test.each([0, -1, 65_536, 80.5, NaN, Infinity])('fails for %d', port => expect(codes(checkPort('port', port))).toEqual(['port-out-of-range']));
});

describe('names', () => {
  test.each(INJECTIONS)('fails for %j, whatever kind of name it should be', text => {
    expect(codes(checkDnsLabel('name', text))).toEqual(['name-invalid']);
    expect(codes(checkDnsName('hostname-invalid', 'hostname', text))).toEqual(['hostname-invalid']);
    expect(codes(checkInterface('networkInterface', text))).toEqual(text === 'a-' ? [] : ['interface-invalid']);
    expect(codes(checkImage('image', text))).toEqual(['image-invalid']);
    expect(codes(checkIstioVersion('version', text))).toEqual(['istio-version-invalid']);
    expect(codes(checkHost('host', text))[0]).toBe('host-invalid');
  });

  test.each(['edge-1', 'edge-1.example.com', '1.2.3.example', 'a', 'a'.repeat(63), `${'a.'.repeat(126)}a`])('accepts the hostname %s', name =>
    expect(checkDnsName('hostname-invalid', 'hostname', name)).toEqual([]));
  test('fails for a hostname of 254 characters', () =>
    expect(codes(checkDnsName('hostname-invalid', 'hostname', `${'a.'.repeat(126)}aa`))).toEqual(['hostname-invalid']));

  test.each(['Edge-1', 'edge_1', 'edge..1', '.edge', 'edge.', 'a'.repeat(64), `${'a.'.repeat(127)}a`])('fails for the hostname %s', name =>
    expect(codes(checkDnsName('hostname-invalid', 'hostname', name))).toEqual(['hostname-invalid']));

  test.each(['eth0', 'bond0.100', 'enp3s0f0', 'br-lan', 'wg0', 'e', 'e'.repeat(15)])('accepts the interface %s', name => expect(checkInterface('i', name)).toEqual([]));
  test.each(['e'.repeat(16), 'eth/0', '..', 'eth0\n'])('fails for the interface %j', name =>
    expect(codes(checkInterface('i', name))).toEqual(['interface-invalid']));

  test('says what was wrong, what was given and what is allowed', () => {
    expect(checkInterface('networkInterface', 'eth 0')[0]).toMatchObject({ what: 'networkInterface is not an interface name', got: 'eth 0' });
  });
});

describe('hosts', () => {
  test.each(['shop.example.com', '*.example.com', 'localhost', 'xn--bcher-kva.example', 'shop.1st'])('accepts %s', host => expect(checkHost('host', host)).toEqual([]));
  test.each(['*', 'shop.*.com', '*shop.example.com', 'shop*', 'shop.example.*', '*.*.example.com'])('fails for the wildcard in %s', host =>
    expect(codes(checkHost('host', host))).toEqual(['host-wildcard-invalid']));
  test.each(['https://shop.example.com', 'http://*.example.com'])('fails for the scheme in %s', host =>
    expect(checkHost('host', host)).toMatchObject([{ code: 'host-invalid', what: 'host has a scheme' }]));
  test.each(['shop.example.com:443', 'shop.example.com/cart', 'Shop.example.com', '192.0.2.1', '127.1', '2130706433', '*.192.0.2.1', 'shop.example.com.', '*.'])('fails for %s', host =>
    expect(codes(checkHost('host', host))).toEqual(['host-invalid']));
});

describe('labels', () => {
  test('accepts prefixed keys and empty values', () => expect(checkLabels('label', { 'example.com/edge': '', 'edge': 'yes', 'A_b.c': '1.0' })).toEqual([]));
  test('can have 63 characters, and a prefix 253', () =>
    expect(checkLabels('label', { [`${'a.'.repeat(126)}a/${'k'.repeat(63)}`]: 'v'.repeat(63), k: 'v' })).toEqual([]));
  test('fails for a key and a value that Kubernetes reads as numbers', () =>
    expect(checkLabels('label', { '0o17': '0o20' }).map(({ code, got }) => [code, got])).toEqual([['text-ambiguous', '0o17'], ['text-ambiguous', '0o20']]));
  test.each([['a b', 'x'], ['a/b/c', 'x'], ['', 'x'], ['Ex_ample.com/a', 'x'], ['a', 'x y'], ['a', 'x\n'], ['a', '-x'], ['a', 'x'.repeat(64)]])(
    'fails for %j: %j', (key, value) => expect(codes(checkLabels('label', { [key]: value }))).toEqual(['label-invalid']));
});

describe('annotations', () => {
  const LARGEST = 256 * 1024;

  test('can have any text as value', () => expect(checkAnnotations('annotation', { 'example.com/note': 'two words; and\nlines', 'empty': '' })).toEqual([]));
  test.each([['a b', 'x', 'label-invalid'], ['a', '\0', 'text-unprintable'], ['a', '0o17', 'text-ambiguous']])('fails for %j: %j', (key, value, code) =>
    expect(codes(checkAnnotations('annotation', { [key]: value }))).toEqual([code]));
  test('can have 256 KiB together, keys included', () => {
    expect(checkAnnotationsSize('annotations', {})).toEqual([]);
    expect(checkAnnotationsSize('annotations', { ab: 'ü'.repeat(LARGEST / 2 - 1) })).toEqual([]);
  });
  test('are counted in bytes, not in characters', () =>
    expect(codes(checkAnnotationsSize('annotations', { ab: 'ü'.repeat(LARGEST / 2) }))).toEqual(['annotations-too-large']));
  test('fails for one byte more, and names the largest', () =>
    expect(checkAnnotations('annotation', { small: 'x', large: 'y'.repeat(LARGEST - 10), next: 'z' })).toMatchObject([{
      code: 'annotations-too-large', what: expect.stringContaining('"large"'), got: `${LARGEST + 6} bytes`,
    }]));
  test('says nothing of the size before each text is right', () =>
    expect(codes(checkAnnotations('annotation', { 'a b': 'x'.repeat(LARGEST) }))).toEqual(['label-invalid']));
});

describe('versions and durations', () => {
  test.each(['1.31.0', '1.31.0-rc.1', '1.30.0-alpha.abc'])('accepts Istio %s', version => expect(checkIstioVersion('v', version)).toEqual([]));
  test.each(['1.29', 'v1.31.0', 'latest', '1.31.0;', '1.31.0-'])('fails for Istio %s', version =>
    expect(codes(checkIstioVersion('v', version))).toEqual(['istio-version-invalid']));

  test('says units', () => {
    expect(checkMilliseconds('advertInterval', 5, 10, 40_950, 10)).toEqual([{
      code: 'duration-out-of-range', what: 'advertInterval is out of range', got: '5 ms', fix: 'expected 10 ms to 40.95 s, in steps of 10 ms',
    }]);
  });
  test.each([10, 20, 40_950])('accepts %d ms', value => expect(checkMilliseconds('t', value, 10, 40_950, 10)).toEqual([]));
  test.each([[0, '0 s'], [9, '9 ms'], [1_000, '1 s'], [999, '999 ms']])('fails for %d ms outside of the range, and says %s', (value, got) =>
    expect(checkMilliseconds('t', value, 10, 40)).toMatchObject([{ code: 'duration-out-of-range', got, fix: 'expected 10 ms to 40 ms' }]));
  test('fails between two steps', () => expect(codes(checkMilliseconds('t', 15, 10, 100, 10))).toEqual(['duration-out-of-range']));
});

describe('lists', () => {
  test('accepts one value, and two that differ', () => expect([['a'], ['a', 'b']].flatMap(values => checkDistinct('hostname-twice', 'hosts', values))).toEqual([]));
  test('fails for an empty list', () => expect(codes(checkDistinct('hostname-twice', 'hosts', []))).toEqual(['list-empty']));
  test('fails once for each value that comes again', () => expect(checkDistinct('hostname-twice', 'hosts', ['a', 'b', 'a', 'a']).map(p => p.got)).toEqual(['a']));
});

test('no accepted name needs quoting in any configuration', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => {
    const accepted = [checkDnsLabel('', text), checkDnsName('name-invalid', '', text), checkInterface('', text), checkHost('', text)].some(problems => problems.length === 0);
    return !accepted || /^[A-Za-z0-9._:*-]+$/.test(text);
  }), { numRuns: 2_000 });
});
