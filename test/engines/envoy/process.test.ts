// command line, probe and hook; that they work is shown in ../../engines
import { spawnSync } from 'child_process';
import { envoyProcess } from '../../../src/engines/envoy/process';
import { renderEnvoy } from '../../../src/engines/envoy/render';
import { proxy as passthrough } from '../golden/passthrough/model';

const envoy = envoyProcess(passthrough, { lameDuckSeconds: 3, drainSeconds: 30 });
const script = envoy.files['front-envoy.pl'];
const option = (name: string) => envoy.command[envoy.command.indexOf(name) + 1];

test('Envoy is the first process, with the first file as its configuration', () => {
  expect(envoy.command[0]).toBe('envoy');
  expect(Object.keys(envoy.files)[0]).toBe('front-envoy.yaml');
  expect(option('--config-path')).toBe('/etc/front-envoy.yaml');
  expect(envoy.files['front-envoy.yaml']).toBe(renderEnvoy(passthrough));
});

test('two Envoys on one node share no hot-restart socket and no admin socket', () => {
  expect(envoy.command).toContain('--disable-hot-restart');
  expect(envoy.readiness).toContain('/run/front/admin.sock');
  expect(envoy.writableDirectories).toEqual(['/run/front']);
});

test('the operator\'s names: service cluster and node', () => {
  expect(option('--service-cluster')).toBe('front-proxy');
  expect(option('--service-node')).toBe('$(POD_NAME)');
  expect(option('--concurrency')).toBe('2');
});

test('probe and hook run one script', () => {
  expect(envoy.readiness).toEqual(['perl', '/etc/front-envoy.pl', '/run/front/admin.sock', 'ready']);
  expect(envoy.preStop).toEqual(['perl', '/etc/front-envoy.pl', '/run/front/admin.sock', 'drain']);
});

test('the script is valid Perl and waits for every listener, the health listener included', () => {
  expect(spawnSync('perl', ['-c'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '- syntax OK\n' });
  expect(script).toContain('/active: 3\\b/');
  expect(script).toContain('_(80|443)\\.downstream_cx_active');
});

test('the listeners stay open for a VIP to notice, but not longer than the whole drain', () => {
  expect(option('--drain-time-s')).toBe('3');
  expect(envoyProcess(passthrough, { lameDuckSeconds: 1, drainSeconds: 10 }).command).toContain('1');
  expect(script).toContain('  sleep 3;\n  for (1 .. 30) {\n');
});
