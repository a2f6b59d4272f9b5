// the command line of the liveness probe; what the program does is judged in test/engines
import { frontAliveCommand } from '../../../src/engines/liveness/front-alive';
import { proxy } from '../golden/passthrough/model';

const model = { ...proxy, health: { address: '::1', port: 341, path: '/healthz' } };

test('the probe asks the health port of this node', () => expect(frontAliveCommand(model)).toStrictEqual(['perl', '/etc/front-alive.pl', '::1', '341']));
test('the probe asks a socket too, if the engine has one', () =>
  expect(frontAliveCommand(model, '/run/it/admin.sock')).toEqual(['perl', '/etc/front-alive.pl', '::1', '341', '/run/it/admin.sock']));
