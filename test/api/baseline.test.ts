// jsii-diff compares the public API with the committed one (npm test compiles first)
import { readFileSync } from 'fs';
import { BASELINE, breaksUsersOf, textOf } from '../../scripts/api-baseline';

const baseline = readFileSync(BASELINE, 'utf8');

test('no change breaks users. If one is meant: write it into CHANGELOG.md, then npx ts-node -T scripts/accept-api.ts', () =>
  expect(breaksUsersOf(baseline)).toEqual([]));

test('a change of docs leaves the accepted API as it is', () => {
  const changed = JSON.parse(baseline);
  changed.fingerprint = 'another one, because jsii counts docs';
  changed.types['cdk8s-istio-edge.MeshEdge'].docs = { stability: changed.types['cdk8s-istio-edge.MeshEdge'].docs?.stability, summary: 'Another text.' };
  expect(textOf(changed)).toBe(baseline);
});

test('a method that is no longer there is found', () => {
  const older = JSON.parse(baseline);
  older.types['cdk8s-istio-edge.MeshEdge'].methods.push({ name: 'close' });
  expect(breaksUsersOf(JSON.stringify(older))).toEqual(['removed:cdk8s-istio-edge.MeshEdge.close']);
});

test('an option that is required from now on is found', () => {
  const older = JSON.parse(baseline);
  const { properties } = older.types['cdk8s-istio-edge.BackendOptions'];
  properties.splice(properties.findIndex((property: { name: string }) => property.name === 'port'), 1);
  expect(breaksUsersOf(JSON.stringify(older))).not.toEqual([]);
});
