// what a health endpoint says of its proxy: the port guard takes every port that it does not name for another process
import { proxy as metrics } from './golden/metrics/model';
import { proxy } from './golden/passthrough/model';
import { boundPorts, healthAnswer } from '../../src/engines/health-answer';

test('the name and all ports, those for health and metrics too', () => {
  expect(healthAnswer({ ...proxy, name: 'edge' })).toBe(`edge 80 443 ${proxy.health.port}`);
  expect(boundPorts(proxy)).toEqual([80, 443, proxy.health.port]);
  expect(boundPorts(metrics)).toEqual([80, 443, metrics.health.port, 341]);
});
