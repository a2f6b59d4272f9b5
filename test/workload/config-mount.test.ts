import { chartOf, frontProps, only, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { FrontEnvoy, IngressGateway, KeepalivedVip, VirtualAddress } from '../../src';
import { ConfigMount } from '../../src/workload/config-mount';
import type { Files } from '../../src/workload/config-mount';

/** The ConfigMap that the pods of the one DaemonSet name. */
const mounted = (manifests: Manifest[], daemonSet: string) =>
  podSpec(only(manifests, 'DaemonSet', daemonSet)).volumes.find(({ name }: Manifest) => name === 'config').configMap.name;

describe('the name of a ConfigMap', () => {
  test('is text at any time, another one when a route was added, and the one that pods name', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const before = front.configMap.name;
    expect(before).toMatch(/^edge-front-[0-9a-f]{10}$/);
    expect(mounted(synth(chart), 'edge-front')).toBe(before);

    front.addRoute({ serverNames: ['a.example'], gateway: IngressGateway.fromService(chart, 'other', { name: 'other' }) });
    const after = front.configMap.name;
    expect(after).not.toBe(before);
    expect(front.configMap.metadata.name).toBe(after);
    const manifests = synth(chart);
    expect(mounted(manifests, 'edge-front')).toBe(after);
    expect(only(manifests, 'ConfigMap').metadata.name).toBe(after);
    expect(only(manifests, 'ConfigMap').data['front-envoy.yaml']).toContain('a.example');
  });

  test('is another one when a virtual IP tracks a listener', () => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', frontProps(chart));
    const vip = new KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
    const before = vip.configMap.name;
    vip.track(front);
    expect(vip.configMap.name).not.toBe(before);
    expect(mounted(synth(chart), 'edge-vip')).toBe(vip.configMap.name);
  });

  test('is another one for another text of any file', () => {
    const nameFor = (files: Files) =>
      new ConfigMount(chartOf(), { name: 'edge', namespace: 'edge', labels: {}, annotations: {}, files: () => files }).configMap.name;
    expect(new Set([{ a: '1', b: '1' }, { a: '2', b: '1' }, { a: '1', b: '2' }].map(nameFor)).size).toBe(3);
  });
});

test('what a container writes is in memory', () => {
  const chart = chartOf();
  const front = new FrontEnvoy(chart, 'front', frontProps(chart));
  new KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] }).track(front);
  const written = ['edge-front', 'edge-vip'].map(name => podSpec(only(synth(chart), 'DaemonSet', name)).volumes.flatMap(({ emptyDir }: Manifest) => emptyDir ?? []));
  expect(written).toEqual([[{ medium: 'Memory' }], [{ medium: 'Memory' }]]);
});
