// no example raises an alarm on a cluster and nodes that have what it needs
import { healthy, objectsOf, running } from './healthy';
import { examine } from '../../packages/doctor/src/check';
import { CHECKS } from '../../packages/doctor/src/checks';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import { EXAMPLE_NAMES } from '../support/examples';

describe.each(EXAMPLE_NAMES)('%s raises no alarm', example => {
  const objects = objectsOf(example);
  test.each([['before it is applied', healthy], ['when it runs', running]])('%s', (_, facts) =>
    expect(examine(CHECKS, edgeOf(objects), facts(objects))).toEqual([]));
});
