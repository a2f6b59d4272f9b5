// what Envoy needs of its pod, and the other engines do not
import { chartOf, container, frontProps, only, synth } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { FrontEnvoy, FrontHaproxy, FrontNginx } from '../../src';

function containerOf(Front: typeof FrontEnvoy | typeof FrontHaproxy | typeof FrontNginx): Manifest {
  const chart = chartOf();
  new Front(chart, 'front', frontProps(chart));
  return container(only(synth(chart), 'DaemonSet'));
}

test('three times the memory of the others', () =>
  expect([FrontEnvoy, FrontHaproxy, FrontNginx].map(Front => containerOf(Front).resources.limits.memory)).toEqual(['3072Mi', '1024Mi', '1024Mi']));

test('the name of its pod, which it says of itself', () => {
  const { command, env } = containerOf(FrontEnvoy);
  expect(command[command.indexOf('--service-node') + 1]).toBe('$(POD_NAME)');
  expect(env).toEqual([{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]);
});
