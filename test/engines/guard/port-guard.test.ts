// the guard's command line; what it does is judged in test/engines
import { portGuardCommand } from '../../../src/engines/guard/port-guard';

test('the script is the same for every proxy; the values are arguments', () => {
  const command = portGuardCommand({ ports: [80, 443], identity: 'edge; rm -rf /', health: { address: '::1', port: 340, path: '/healthz' } });
  expect(command).toEqual(['bash', '/etc/port-guard.sh', 'edge; rm -rf /', '::1', '340', '/healthz', '80', '443']);
});
