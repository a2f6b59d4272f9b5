import { chartOf, frontProps, only, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { FrontEnvoy, IngressGateway, KeepalivedVip, VirtualAddress } from '../../src';

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
});
