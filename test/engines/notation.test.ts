import { duration, hostPort } from '../../src/engines/notation';

test('duration is in seconds where that is exact', () =>
  expect([250, 1_000, 1_500, 3_600_000].map(duration)).toEqual(['250ms', '1s', '1500ms', '3600s']));

test('hostPort puts IPv6 into brackets', () =>
  expect([hostPort('10.0.0.1', 80), hostPort('0.0.0.0', 80), hostPort('::', 80)]).toEqual(['10.0.0.1:80', '0.0.0.0:80', '[::]:80']));
