import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { checkText } from '../../src/validation/texts';
import { readByKubernetes } from '../support/kubernetes-reader';

const codesOf = (text: string) => checkText('text', text).map(({ code }) => code);

/** Numbers of YAML 1.1, of Go, and what is nearly one. */
const numberLike = fc.string({ unit: fc.constantFrom(...'01789_-+.eExXoObBafT:Z ,'), maxLength: 8 });
const blanks = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', 'a', '-', '#', '\r', '\x7f', '\u0085', '\u2028', '\uffff', '\u00a0', '\ufeff', '\u200b'), maxLength: 10 });
const punctuation = fc.string({ unit: fc.constantFrom(...'ayn~<=#|>*&!%@`\'",[]{}?\\:- \t\n'), maxLength: 10 });
const times = fc.tuple(fc.constantFrom('2001-01-01', '2001-1-1', '2001-01-01T', '2001-1-1 ', '2001-01-01t1:2:3'), numberLike).map(parts => parts.join(''));
const anything = fc.string({ unit: 'binary', maxLength: 6 });

describe('a text', () => {
  test('that is expected read by Kubernetes as it was given: as value, key, and in a list', () => {
    const texts = fc.sample(fc.oneof(numberLike, blanks, punctuation, times, anything), 30_000).filter(text => codesOf(text).length === 0);
    const readings = readByKubernetes(texts.map(text => Yaml.stringify({ apiVersion: 'example.com/v1', kind: 'Any', value: text, list: [text, { value: text }] })));
    const expected = texts.map(text => ({ error: '', objects: [{ apiVersion: 'example.com/v1', kind: 'Any', value: text, list: [text, { value: text }] }] }));
    const wrong = texts.filter((_, index) => JSON.stringify(sorted(readings[index])) !== JSON.stringify(sorted(expected[index])));
    expect(wrong).toEqual([]);
    expect(texts.length).toBeGreaterThan(10_000);
  }, 600_000);

  test.each([
    'x\u2028  name:\u2028    evil\u2028spec:…', '\u2029', '\u0085', '\0', '\r', '\x1b', '\x7f', '\x80', '\x9f', '\ufffe', '\uffff', '\ud800', 'a\udc00b',
  ])('fails for %j, which YAML may not hold', text => expect(codesOf(text)).toEqual(['text-unprintable']));
  test.each(['\ta\nb', '\n\ta', ' \n', '\t\n'])('fails for %j, whose beginning cdk8s writes so that it is lost', text => expect(codesOf(text)).toEqual(['text-blank']));
  test.each(['0o17', '0B1', '-_2', '0X1F', '+_8', '0_b1', '88E8_'])('fails for %j, which cdk8s leaves without quotes', text => expect(codesOf(text)).toEqual(['text-ambiguous']));
  test.each(['', 'a', '1', '1_000', '017', 'y', 'no', 'null', '~', '2001-01-01', '10.0.0.1', '1.31.0', '0x1F', '1e3', 'tab\there', 'two\nlines\n', '\n', 'ü', '𝄞'])('may be %j', text =>
    expect(codesOf(text)).toEqual([]));
});

/** Go writes keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1).map(([key, inner]) => [key, sorted(inner)]))
    : value;
}
