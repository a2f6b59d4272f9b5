import { messageOf } from '../../sandbox/synth';
import { ErrorCollector } from '../../src/validation/error-collector';
import { throwIfAny } from '../../src/validation/problem';

const bad = (what: string) => () => throwIfAny([{ code: 'type-wrong', what, fix: 'expected another' }], `edge/${what}`);

test('gives the result of a step that works', () => expect(new ErrorCollector().attempt(() => 7)).toBe(7));
test('goes on after a step with bad input, and throws the problems of all steps with their paths', () => {
  const errors = new ErrorCollector();
  expect(['one', 'two'].map(what => errors.attempt(bad(what)))).toEqual([undefined, undefined]);
  expect(messageOf(() => errors.throwIfAny())).toBe('[edge/one] type-wrong: one; expected another\n[edge/two] type-wrong: two; expected another');
});
test('throws nothing if all steps work', () => {
  const errors = new ErrorCollector();
  errors.attempt(() => 7);
  expect(() => errors.throwIfAny()).not.toThrow();
});
test('throws an error of another kind at once', () => {
  const bug = new TypeError('not a function');
  expect(() => new ErrorCollector().attempt(() => { throw bug; })).toThrow(bug);
});
