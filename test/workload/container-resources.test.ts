// CPU, memory and storage of containers: what the API server would refuse is an error
import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { ContainerResources } from 'cdk8s-plus-27';
import { chartOf, messageOf } from '../../sandbox/synth';
import { IngressGateway } from '../../src';
import { checkResources } from '../../src/workload/container-resources';

const cpu = (request: Cpu, limit?: Cpu): ContainerResources => ({ cpu: { request, limit } });

describe('accepts', () => {
  test.each<[string, ContainerResources]>([
    ['thousandths and whole units', cpu(Cpu.millis(500), Cpu.units(1))],
    ['a fraction of a unit', cpu(Cpu.units(0.125), Cpu.units(0.125))],
    ['a limit alone', { cpu: { limit: Cpu.millis(1) }, memory: { limit: Size.mebibytes(64) } }],
    ['equal sizes in two units', { memory: { request: Size.mebibytes(1024), limit: Size.gibibytes(1) } }],
  ])('%s', (_, resources) => expect(checkResources(resources)).toEqual([]));
});

describe('fails for', () => {
  test.each([NaN, -100, 0, 1.5, Infinity, 1e-7])('Cpu.millis(%s)', amount =>
    expect(checkResources(cpu(Cpu.millis(amount)))).toMatchObject([{ code: 'cpu-invalid', what: 'resources.cpu.request is not an amount of CPU', got: `${amount}m` }]));
  test.each([NaN, -1, 0, Infinity, 0.0001, 1e21])('Cpu.units(%s)', amount =>
    expect(checkResources({ cpu: { limit: Cpu.units(amount) } })).toMatchObject([{ code: 'cpu-invalid', got: `${amount}` }]));
  test('text in place of a number', () => expect(checkResources(cpu(Cpu.units('x; evil' as never)))).toMatchObject([{ code: 'cpu-invalid', got: 'x; evil' }]));

  test.each<[string, ContainerResources, string, string]>([
    ['CPU', cpu(Cpu.units(2), Cpu.millis(1999)), '2', 'expected at most 1999m'],
    ['memory', { memory: { request: Size.gibibytes(1), limit: Size.mebibytes(1023) } }, '1Gi', 'expected at most 1023Mi'],
    ['storage', { ephemeralStorage: { request: Size.gibibytes(2), limit: Size.gibibytes(1) } }, '2Gi', 'expected at most 1Gi'],
  ])('a request of %s above its limit', (_, resources, got, fix) =>
    expect(checkResources(resources)).toMatchObject([{ code: 'request-over-limit', got, fix }]));
});

test('a construct fails with its path', () =>
  expect(messageOf(() => new IngressGateway(chartOf(), 'gateway', { resources: cpu(Cpu.millis(NaN)) })))
    .toBe('[edge/gateway] cpu-invalid: resources.cpu.request is not an amount of CPU, got "NaNm"; give a whole number of thousandths, at least 1: Cpu.millis(100)'));
