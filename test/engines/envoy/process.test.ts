// command line, probe and hook; that they work is shown in ../../engines
import { envoyProcess } from '../../../src/engines/envoy/process';
import { renderEnvoy } from '../../../src/engines/envoy/render';
import { proxy as passthrough } from '../golden/passthrough/model';

const envoy = () => envoyProcess(passthrough, { lameDuckSeconds: 3, drainSeconds: 30 });
const option = (name: string, { command } = envoy()) => command[command.indexOf(name) + 1];

test('Envoy is the first process, with the first file as its configuration', () => {
  expect(envoy().command[0]).toBe('envoy');
  expect(Object.keys(envoy().files)[0]).toBe('front-envoy.yaml');
  expect(option('--config-path')).toBe('/etc/front-envoy.yaml');
  expect(envoy().files['front-envoy.yaml']).toBe(renderEnvoy(passthrough));
});

test('two Envoys on one node share no hot-restart socket and no admin socket', () => {
  expect(envoy().command).toContain('--disable-hot-restart');
  expect(envoy().readiness).toContain('/run/front/admin.sock');
  expect(envoy().writableDirectories).toEqual(['/run/front']);
});

test('the operator\'s names: service cluster and node', () => {
  expect(option('--service-cluster')).toBe('front-proxy');
  expect(option('--service-node')).toBe('$(POD_NAME)');
  expect(option('--concurrency')).toBe('2');
});

test('probe and hook run one script: it waits for every listener, the health listener included, and for the clients of each port', () => {
  expect(envoy().readiness).toEqual(['perl', '/etc/front-envoy.pl', '/run/front/admin.sock', 'ready', '3']);
  expect(envoy().preStop).toEqual(['perl', '/etc/front-envoy.pl', '/run/front/admin.sock', 'drain', '3', '30', '80', '443']);
});

test('the listeners stay open for a VIP to notice, but not longer than the whole drain', () => {
  expect(option('--drain-time-s')).toBe('3');
  const { command, preStop } = envoyProcess(passthrough, { lameDuckSeconds: 1, drainSeconds: 10 });
  expect(command).toContain('1');
  expect(preStop.slice(4, 6)).toEqual(['1', '10']);
});
