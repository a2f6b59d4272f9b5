// each check finds its fault, and nothing else is alarmed by it; without the fault it finds nothing
import { faults, noFaults } from './faults';
import { healthy, objectsOf, running } from './healthy';
import { examine } from '../../packages/doctor/src/check';
import { CHECKS } from '../../packages/doctor/src/checks';
import { edgeOf } from '../../packages/doctor/src/edge/edge';

test.each(faults.map(fault => [fault.code, fault.name, fault] as const))('%s: %s', (code, _, { example = 'ha-edge', applied, also = [], make, says }) => {
  const objects = structuredClone(objectsOf(example));
  const facts = (applied ? running : healthy)(objects);
  expect(examine(CHECKS, edgeOf(objects), facts)).toEqual([]);
  make(facts, objects);
  const found = examine(CHECKS, edgeOf(objects), facts);
  expect([...new Set(found.map(one => one.code))].sort()).toEqual([code, ...also].sort());
  expect(found.filter(one => one.code === code).map(({ subject, what, got, fix }) => [subject, what, got, fix].join(' | ')).join('\n')).toMatch(says);
});

test.each(noFaults)('no alarm: $name', ({ example = 'ha-edge', make, applied }) => {
  const objects = objectsOf(example);
  const facts = (applied ? running : healthy)(objects);
  make(facts);
  expect(examine(CHECKS, edgeOf(objects), facts)).toEqual([]);
});

test('every check has a fault here', () =>
  expect(CHECKS.map(({ code }) => code).filter(code => !faults.some(fault => fault.code === code))).toEqual([]));

test('codes are unique, in kebab case', () => {
  const codes = CHECKS.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter(code => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
});
