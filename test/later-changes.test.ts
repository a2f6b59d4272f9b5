// a user changes options after the call that took them: the manifests show what was checked
import type { Chart } from 'cdk8s';
import { chartOf, synth, TWO_NODES } from '../sandbox/synth';
import type { Manifest } from '../sandbox/synth';
import { EdgeFrontProxy, FrontHaproxy, IngressGateway, KeepalivedVip, MeshEdge, Monitoring, VirtualAddress } from '../src';

/** Manifests with and without the change. */
function both(build: (chart: Chart, change: (work: () => void) => void) => void): [Manifest[], Manifest[]] {
  const [changed, unchanged] = [chartOf(), chartOf()];
  build(changed, work => work());
  build(unchanged, () => undefined);
  return [synth(changed), synth(unchanged)];
}

const cases: { [what: string]: (chart: Chart, change: (work: () => void) => void) => void } = {
  'addresses, snippets and times of a virtual IP': (chart, change) => {
    const props = {
      nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], configurationSnippets: { global_defs: 'vrrp_garp_interval 0.1' },
    };
    new KeepalivedVip(chart, 'vip', props).track(new FrontHaproxy(chart, 'front', { nodes: TWO_NODES, gateway: IngressGateway.fromService(chart, 'gateway', { name: 'gw' }) }));
    change(() => {
      props.virtualAddresses.push(VirtualAddress.of('192.0.2.200'));
      props.configurationSnippets.global_defs = '}\nvrrp_instance other {';
      props.networkInterface = 'eth1';
    });
  },
  'networks that may read a front proxy\'s metrics': (chart, change) => {
    const metrics = { from: ['192.0.2.0/24'] };
    new FrontHaproxy(chart, 'front', { nodes: TWO_NODES, gateway: IngressGateway.fromService(chart, 'gateway', { name: 'gw' }), metrics });
    change(() => metrics.from.push('0.0.0.0/0\n  evil'));
  },
  'the selector of an adopted gateway': (chart, change) => {
    const selector: { [key: string]: string } = { istio: 'mine' };
    const gateway = IngressGateway.fromService(chart, 'gateway', { name: 'gw', selector });
    change(() => { delete selector.istio; });
    expect(gateway.selector).toEqual({ istio: 'mine' });
  },
  'options of an edge, of its monitoring and of a host': (chart, change) => {
    const from = ['192.0.2.0/24'];
    const labels: { [key: string]: string } = { team: 'edge' };
    const retries = { attempts: 2, retryOn: ['503'] };
    const edge = new MeshEdge(chart, 'edge', { nodes: TWO_NODES, frontProxy: EdgeFrontProxy.haproxy(), labels, monitoring: Monitoring.podMonitor({ from }) });
    edge.expose('a.example.com', { service: 'a', port: 80, retries });
    change(() => {
      from.push('garbage');
      labels.team = 'a b';
      retries.retryOn.push('nonsense');
    });
    edge.expose('b.example.com', { service: 'b', port: 80 });
  },
};

test.each(Object.entries(cases))('have no effect: %s', (_, build) => {
  const [changed, unchanged] = both(build);
  expect(changed).toEqual(unchanged);
});

test('have no effect on an edge that was made with the same object before', () => {
  const chart = chartOf();
  const props = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };
  const first = new MeshEdge(chart, 'first', props);
  const before = first.toMermaid();
  props.virtualAddresses[0] = VirtualAddress.of('192.0.2.101');
  expect(first.toMermaid()).toBe(before);
  expect(first.vip?.virtualAddresses.map(({ address }) => address)).toEqual(['192.0.2.100']);
});
