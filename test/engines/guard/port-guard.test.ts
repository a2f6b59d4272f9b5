// the guard's command line; what it does is judged in test/engines
import { portGuardCommand, portGuardScript } from '../../../src/engines/guard/port-guard';

const command = portGuardCommand({ ports: [80, 443], identity: 'edge; rm -rf /', health: { address: '::1', port: 340, path: '/healthz' } });

test('the script is the same for every proxy; the values are arguments', () => {
  expect(command).toEqual(['bash', '-c', portGuardScript(), 'port-guard', 'edge; rm -rf /', '::1', '340', '/healthz', '80', '443']);
});

test('Kubernetes, which makes one of two dollar signs, leaves the script as it is', () => {
  expect(portGuardScript()).not.toContain('$$');
});
