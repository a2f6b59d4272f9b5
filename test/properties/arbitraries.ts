// arbitrary valid values: names, addresses, times, texts. Odd ones and both ends of each range come often
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { ContainerResources } from 'cdk8s-plus-27';
import * as fc from 'fast-check';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const DIGITS = [...'0123456789'];

/** Names that are legal, and that YAML, JavaScript or an engine's grammar could take for something else. */
const ODD_LABELS = [
  'a', '0', '00', '1e3', '0x1f', '0b1', '1-1', 'null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', 'constructor', 'prototype', 'default',
  'include', 'server', 'all', 'none', 'any', 'http', 'https', 'wildcard', 'a--b', 'xn--e1afmkfd', 'volatile', 'hostnames', 'local', 'backup', 'if', 'unless',
];

/** A text of these characters: mostly short, and sometimes as long as is allowed. */
function text(characters: string[], shortest: number, longest: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...characters);
  return fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit, minLength: shortest, maxLength: Math.min(longest, Math.max(shortest, 8)) }) },
    { weight: 1, arbitrary: fc.string({ unit, minLength: longest, maxLength: longest }) },
  );
}

/** A DNS label: Services, namespaces, entries. */
export function dnsLabel(longest: number = 63): fc.Arbitrary<string> {
  const made = fc.tuple(fc.constantFrom(...LETTERS, ...DIGITS), text([...LETTERS, ...DIGITS, '-'], 0, longest - 1))
    // cdk8s does not quote 0o17, and Kubernetes reads a number: the library refuses it (text-ambiguous)
    .map(([first, rest]) => `${first}${rest}`.replace(/-$/, '0').replace(/^0o(?=[0-7]+$)/, '0q'));
  return fc.oneof({ weight: 3, arbitrary: made }, { weight: 1, arbitrary: fc.constantFrom(...ODD_LABELS.filter(label => label.length <= longest)) });
}

/** A DNS name of 1 to 4 labels: nodes, Secrets, clusters' domains. */
export function dnsName(longest: number = 253): fc.Arbitrary<string> {
  const joined = fc.array(dnsLabel(), { minLength: 1, maxLength: 4 }).map(parts => parts.join('.').slice(0, longest).replace(/[-.]+$/, ''));
  return longest < 253 ? joined : fc.oneof({ weight: 9, arbitrary: joined }, { weight: 1, arbitrary: fc.constant(longestName('')) });
}

/** A name of 253 characters. */
function longestName(prefix: string): string {
  return `${prefix}${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61 - prefix.length)}`;
}

/** A host that clients ask for, with a name below a domain that no address has. */
export function hostName(): fc.Arbitrary<string> {
  const domain = fc.tuple(fc.array(dnsLabel(), { minLength: 1, maxLength: 3 }), fc.constantFrom('com', 'example', 'x1', 'xn--p1ai', 'a-b', '0a'));
  return fc.oneof(
    { weight: 12, arbitrary: domain.map(([parts, top]) => `${parts.join('.')}.${top}`) },
    { weight: 1, arbitrary: fc.constant(longestName('')) },
  );
}

/** The same, or all names below it. */
export function hostOrWildcard(): fc.Arbitrary<string> {
  const wildcard = hostName().map(host => `*.${host}`.slice(0, 253).replace(/[-.]+$/, ''));
  return fc.oneof({ weight: 3, arbitrary: hostName() }, { weight: 1, arbitrary: wildcard });
}

/** A network interface of a node. */
export function networkInterface(): fc.Arbitrary<string> {
  const made = fc.tuple(fc.constantFrom(...LETTERS, 'A', '0', '9'), text([...LETTERS, ...DIGITS, '.', '_', '-', 'Z'], 0, 14)).map(([first, rest]) => first + rest);
  return fc.oneof({ weight: 2, arbitrary: made }, { weight: 1, arbitrary: fc.constantFrom('eth0', 'bond0.100', 'enp0s31f6', 'br-lan', '1e3', '0', 'no', 'A'.repeat(15)) });
}

/** The id of a construct: any text without a slash. `constructs` keeps children in a plain object, and refuses names that each object has. */
export function constructId(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: dnsLabel(20) },
    { weight: 2, arbitrary: fc.constantFrom('Edge', 'my_edge', 'a.b', 'é', '✓', '0', '-', ' edge ', 'Default', 'Resource', 'EDGE'.repeat(20), 'a b') },
    { weight: 1, arbitrary: fc.string({ minLength: 1, unit: 'grapheme' }).filter(id => !id.includes('/')) },
  ).filter(id => !(id in {}));
}

/** A whole number, more often at an end of its range. */
export function integer(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof({ weight: 4, arbitrary: fc.integer({ min, max }) }, { weight: 1, arbitrary: fc.constantFrom(min, max) });
}

/** A duration of whole steps, in one of the units that give it exactly. */
export function duration(minMs: number, maxMs: number, stepMs: number = 1): fc.Arbitrary<Duration> {
  const steps = integer(Math.ceil(minMs / stepMs), Math.floor(maxMs / stepMs));
  return fc.tuple(steps, fc.boolean()).map(([count, inMillis]) => durationOf(count * stepMs, inMillis));
}

export function durationOf(ms: number, inMillis: boolean): Duration {
  const units = [[3_600_000, Duration.hours], [60_000, Duration.minutes], [1000, Duration.seconds]] as const;
  const [unit, make] = units.find(([size]) => ms % size === 0) ?? [1, Duration.millis];
  return inMillis ? Duration.millis(ms) : make(ms / unit);
}

/** A lame-duck period of at least `leastMs`; none if the default of the part is long enough. */
export function longer(wanted: Duration | undefined, leastMs: number, defaultMs: number): { lameDuckPeriod?: Duration } {
  const isEnough = (wanted?.toMilliseconds() ?? defaultMs) >= leastMs;
  return isEnough ? wanted && { lameDuckPeriod: wanted } || {} : { lameDuckPeriod: Duration.seconds(Math.ceil(leastMs / 1000)) };
}

/** An address pool: it gives addresses that all differ, and that a machine can have. */
export class AddressPool {
  private steps = 0n;
  private readonly given = new Set<string>();

  constructor(private readonly raw: RawPool) {}

  public ipv4(): string {
    return this.newOne(() => {
      const [first, ...rest] = bytesOf(this.next(32n), 4);
      // these begin with 0, 127 or 224 to 239, or are the broadcast address
      const isUsable = first !== 0 && first !== 127 && (first < 224 || first > 239) && rest.some(byte => byte !== 255);
      return [isUsable ? first : 10, ...rest].join('.');
    });
  }

  /** In one of the forms that RFC 4291 allows. */
  public ipv6(): string {
    return this.newOne(() => {
      const [first, ...rest] = bytesOf(this.next(128n), 16);
      const isUsable = first !== 255 && [first, ...rest].slice(0, 12).some(byte => byte !== 0);
      return writeIpv6([isUsable ? first : 0x20, ...rest], Number(this.steps % 3n));
    });
  }

  private newOne(make: () => string): string {
    for (;;) {
      const address = make();
      if (!this.given.has(address)) {
        this.given.add(address);
        return address;
      }
    }
  }

  private next(bits: bigint): bigint {
    const size = 2n ** bits;
    const value = (this.raw.base + this.steps * (2n * this.raw.stride + 1n)) % size;
    this.steps += 1n;
    return value;
  }
}

export interface RawPool { readonly base: bigint; readonly stride: bigint }

/** What a pool begins with. An odd stride meets every address once. */
export function rawPool(): fc.Arbitrary<RawPool> {
  // 192.0.2.11, 10.0.0.255, 2001:db8::c000:20b, fe80::1
  const documented = fc.constantFrom(0xc000020bn, 0xa0000ffn, 0x20010db8_00000000_00000000_c000020bn, 0xfe800000_00000000_00000000_00000001n);
  const base = fc.oneof(documented, fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }));
  return fc.record({ base, stride: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 20n })) });
}

function bytesOf(value: bigint, length: number): number[] {
  return Array.from({ length }, (_, index) => Number(value / 256n ** BigInt(length - 1 - index) % 256n));
}

function writeIpv6(bytes: number[], form: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes[2 * index] * 256 + bytes[2 * index + 1]);
  const hex = groups.map(group => group.toString(16));
  if (form === 0) return hex.map(group => group.padStart(4, '0')).join(':').toUpperCase();
  return form === 1 ? `${hex.slice(0, 6).join(':')}:${bytes.slice(12).join('.')}` : hex.join(':');
}

/** A network of one of the families, without host bits. */
export function cidr(): fc.Arbitrary<string> {
  const ipv4 = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), fc.integer({ min: 0, max: 32 })).map(([value, prefix]) =>
    `${bytesOf(masked(value, prefix, 32), 4).join('.')}/${prefix}`);
  const ipv6 = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.integer({ min: 0, max: 128 })).map(([value, prefix]) =>
    `${writeIpv6(bytesOf(masked(value, prefix, 128), 16), 2)}/${prefix}`);
  return fc.oneof(fc.constantFrom('10.244.0.0/16', '0.0.0.0/0', '::/0', '192.0.2.1/32', '2001:DB8::/32'), ipv4, ipv6);
}

function masked(value: bigint, prefix: number, bits: number): bigint {
  const size = 2n ** BigInt(bits - prefix);
  return value - value % size;
}

const NAME_ENDS = [...LETTERS, ...DIGITS, 'A', 'Z'];
const labelName = fc.tuple(fc.constantFrom(...NAME_ENDS), text([...NAME_ENDS, '.', '_', '-'], 0, 62)).map(([first, rest]) => `${first}${rest}`.replace(/[._-]$/, '0'));

/** Keys that no part of the library owns. */
export function labelKey(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.tuple(dnsLabel(), dnsLabel(), labelName).map(([one, other, name]) => `${one}.${other}.test/${name}`), labelName.map(name => `x${name}`.slice(0, 63).replace(/[._-]$/, '0')),
  );
}

/** A label value: also empty, and also what is no string without quotes. The library refuses only numbers that cdk8s does not quote. */
export function labelValue(): fc.Arbitrary<string> {
  return fc.oneof({ weight: 3, arbitrary: labelName.map(name => /^[0-9]/.test(name) ? `v${name}`.slice(0, 63).replace(/[._-]$/, '0') : name) },
    { weight: 1, arbitrary: fc.constantFrom('', 'true', 'null', 'yes', '1', '1.0', '0x1F', '1e3', '2001-01-01', 'NaN') });
}

export function labels(): fc.Arbitrary<{ [key: string]: string }> {
  return fc.dictionary(labelKey(), labelValue(), { maxKeys: 3, noNullPrototype: true });
}

const ODD_TEXTS = [
  '', 'yes', '~', 'null', '1', '1.0', '0x1F', '1:30', '2001-01-01', '- a', '# b', 'a: b', ': ', '"', '\'', '{{ .Values.a }}', '%', '@', '`', ' leading', 'trailing ', 'a\tb',
  'a\nb\n', '\n', '\n\n', 'a\n\n', '$(POD_NAME)', '$$', '=', '<<', '!!str a', '&a', '*a', '|', '>', '---', '...', '--- a', 'a\\', '[', '{', 'é', '✓', '😀', 'a #b', '?', '? a',
];

/** The value of an annotation: any text without control characters. */
export function annotationText(): fc.Arbitrary<string> {
  const printable = fc.string({ unit: 'grapheme-composite', maxLength: 30 }).map(given => `a${given}`);
  return fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ODD_TEXTS) }, { weight: 1, arbitrary: printable.filter(given => !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(given)) });
}

export function annotations(): fc.Arbitrary<{ [key: string]: string }> {
  return fc.dictionary(labelKey(), annotationText(), { maxKeys: 3, noNullPrototype: true });
}

/** A container image. */
export function image(): fc.Arbitrary<string> {
  const digest = `@sha256:${'0a'.repeat(32)}`;
  return fc.constantFrom(
    'a', 'haproxy', 'haproxy:3.2', 'docker.io/envoyproxy/envoy:v1.40.0', `registry.example.com:5000/a/b:1${digest}`, 'localhost/x', `localhost:5000/x${digest}`,
    '[2001:db8::1]:5000/team/image:1.0', `a/b__c/d--e.f:${'T'.repeat(128)}`, '1.2.3.4:80/0',
  );
}

export function imageRegistry(): fc.Arbitrary<string> {
  return fc.constantFrom('localhost', 'registry.example.com', 'registry.example.com:5000/mirror', '[2001:db8::1]:5000/a', '10.0.0.1:5000', 'A.example/b/c');
}

/** CPU and memory. A limit is at least the request, as Kubernetes requires. */
export function resources(): fc.Arbitrary<ContainerResources> {
  const range = (max: number) => fc.tuple(integer(1, max), integer(1, max)).map(([one, other]) => [Math.min(one, other), Math.max(one, other)]);
  return fc.record({
    cpu: range(64_000).map(([request, limit]) => ({ request: Cpu.millis(request), limit: Cpu.millis(limit) })),
    memory: range(65_536).map(([request, limit]) => ({ request: Size.mebibytes(request), limit: Size.mebibytes(limit) })),
    ephemeralStorage: range(100).map(([request, limit]) => ({ request: Size.gibibytes(request), limit: Size.gibibytes(limit) })),
  }, { requiredKeys: [] });
}
