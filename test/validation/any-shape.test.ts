// every public constructor and method, with values of wrong shapes and with odd values of right ones: each error has a
// code
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { chartOf, messageOf, synth, TWO_NODES } from '../../sandbox/synth';
import * as edge from '../../src';
import { CALLS, CLASSES, ENUMS, INTERFACES, STRUCTS } from '../../src/validation/type-table';
import type { Options } from '../../src/validation/type-table';
import { call, isVariadic, optionsOf, OWNERS, valid, validOptions } from '../properties/hostile-calls';

const circular: { self?: object } = {};
circular.self = circular;

/** Of which most are wrong for any type. */
const JUNK: unknown[] = [
  'text', 5, NaN, Infinity, true, null, undefined, [], {}, [undefined], [null], ['text'], { nothing: 1 }, () => 1, Symbol('x'), 10n, new Date(0), new Map(),
  circular, [circular], Object.create(null), Duration.seconds(1), Size.mebibytes(1), TWO_NODES, edge.HostPort.tcp(80), new Construct(undefined as unknown as Construct, ''),
];
const SHAPE_ERROR = /^(\[[^\]]+\] )?(option-unknown|option-missing|type-wrong|value-unknown): /;
// an id, and so a path, may have a bracket
const CODED = /^\s*(\[.+\] )?[a-z]+(-[a-z]+)+: |^Validation failed with the following errors:$/;

/** Whether junk happens to be right, said again in other words than those of the code. */
function isRight(type: string, value: unknown): boolean {
  if (type.endsWith('?')) {
    return value === undefined || isRight(type.slice(0, -1), value);
  }
  if (type.endsWith('[]')) {
    return Array.isArray(value) && value.every(item => isRight(type.slice(0, -2), item));
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isPlain = isObject && [null, Object.prototype].includes(Object.getPrototypeOf(value));
  if (type.endsWith('{}')) {
    return isPlain && Object.values(value).every(item => isRight(type.slice(0, -2), item));
  }
  if (type in STRUCTS) {
    // another class may have the options as properties
    const nothingRequired = Object.values(optionsOf(type)).every(option => option.endsWith('?'));
    return nothingRequired && (value instanceof Date || value instanceof Map || isPlain && Object.keys(value).length === 0);
  }
  const classes: { [name: string]: unknown } = { Construct, Cpu, Duration, Size, ...edge };
  return type in CLASSES ? value instanceof (classes[type] as typeof Construct) : type in ENUMS || type in INTERFACES ? false
    : type === 'number' ? typeof value === 'number' && isFinite(value) : typeof value === type;
}

/** A value that is wrong somewhere; `undefined` stands for one that is left out. */
function wrong(type: string, name: string): fc.Arbitrary<unknown> {
  const required = type.replace('?', '');
  const element = required.slice(0, -2);
  const junk = fc.constantFrom(...JUNK.filter(value => !isRight(type, value)));
  if (required.endsWith('[]')) {
    return fc.oneof(junk, wrong(element, name).map(item => [item]));
  }
  if (required.endsWith('{}')) {
    return fc.oneof(junk, wrong(element, name).map(item => ({ key: item })));
  }
  return required in STRUCTS ? fc.oneof(junk, wrongOptions(optionsOf(required))) : junk;
}

function wrongOptions(options: Options): fc.Arbitrary<{ [option: string]: unknown }> {
  const unknown = { arbitrary: fc.constant({ nothing: 1 }), weight: 1 };
  return fc.oneof(unknown, { arbitrary: oneWrong(options), weight: 4 }).map(change => ({ ...validOptions(options), ...change }));
}

function oneWrong(options: Options): fc.Arbitrary<{ [option: string]: unknown }> {
  return fc.constantFrom(...Object.entries(options)).chain(([name, type]) => wrong(type, name).map(value => ({ [name]: value })));
}

/** A value of the right shape that hardly anybody means. */
function odd(type: string, name: string): fc.Arbitrary<unknown> {
  const required = type.replace('?', '');
  if (required.endsWith('[]')) {
    return fc.array(odd(required.slice(0, -2), name), { maxLength: 3 });
  }
  const texts = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('a', '', '/', '*', 'a.b', '127.0.0.1', '::', '192.0.2.11', '10.0.0.0/8', '__proto__', 'constructor'));
  const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 2, 80, 443, 15021, 65535));
  const amounts = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constantFrom(0, 0.5, 1, 1000));
  const byType: { [type: string]: fc.Arbitrary<unknown> } = {
    'string': texts, 'number': numbers, 'boolean': fc.boolean(), 'string{}': fc.dictionary(texts, texts, { maxKeys: 3 }),
    'Duration': fc.oneof(amounts.map(Duration.millis), amounts.map(Duration.days)), 'Size': fc.oneof(amounts.map(Size.kibibytes), amounts.map(Size.gibibytes)),
    'Cpu': fc.oneof(amounts.map(Cpu.millis), amounts.map(Cpu.units)),
  };
  if (required in STRUCTS) {
    return oddOptions(optionsOf(required));
  }
  return byType[required] ?? (required in ENUMS ? fc.constantFrom(...ENUMS[required]) : fc.constant(valid(required, name)));
}

function oddOptions(options: Options, minLength: number = 0): fc.Arbitrary<{ [option: string]: unknown }> {
  return fc.subarray(Object.entries(options), { minLength, maxLength: Math.min(3, Object.keys(options).length) })
    .chain(chosen => fc.record(Object.fromEntries(chosen.map(([name, type]) => [name, odd(type, name)]))))
    .map(change => ({ ...validOptions(options), ...change }));
}

const NAMES = Object.keys(CALLS);

test.each(NAMES)('%s fails for every wrong shape, with a code, before it makes anything', name => {
  const chart = chartOf();
  const owner = OWNERS[name.split('.')[0]]?.(chartOf());
  fc.assert(fc.property(oneWrong(CALLS[name]), change => {
    const given = { ...validOptions(CALLS[name]), ...'scope' in CALLS[name] && { scope: chart }, ...change };
    fc.pre(!isVariadic(name) || Array.isArray(Object.values(given)[0]));
    expect(messageOf(() => call(name, given, () => owner))).toMatch(SHAPE_ERROR);
    expect(chart.node.children).toEqual([]);
  }), { numRuns: 60 });
});

test('a gateway that istiod deploys may have no resources of its own', () =>
  expect(messageOf(() => new edge.ManagedHostNetworkIngressGateway(chartOf(), 'gateway', { nodes: TWO_NODES, resources: {} }))).toBe(''));

test.each(NAMES)('%s fails for odd values with a code, or works', name => {
  fc.assert(fc.property(oddOptions(CALLS[name], Object.keys(CALLS[name]).length), change => {
    const chart = chartOf();
    const message = messageOf(() => {
      // constructs has ideas of its own of ids, such as "constructor"
      call(name, { ...change, ...'scope' in CALLS[name] && { scope: chart, id: 'edge' } }, () => OWNERS[name.split('.')[0]](chart));
      synth(chart);
    });
    expect(message.split('\n').filter(line => line !== '' && !CODED.test(line))).toEqual([]);
  }), { numRuns: 10 });
});
