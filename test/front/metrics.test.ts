import { chartOf, container, frontProps, messageOf, only, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, FrontHaproxy, FrontNginx, HostPort, KeepalivedVip, VirtualAddress } from '../../src';
import type { FrontProxy, MetricsListener } from '../../src';

const FROM = ['10.244.0.0/16', '192.0.2.0/24'];

const ENGINES = [
  { name: 'front-envoy', Front: FrontEnvoy, file: 'front-envoy.yaml', virtual: /address_prefix: 192\.0\.2\.100$/m },
  { name: 'front-haproxy', Front: FrontHaproxy, file: 'front-haproxy.cfg', virtual: /acl virtual dst 192\.0\.2\.100$/m },
  { name: 'front-nginx', Front: FrontNginx, file: 'front-nginx.conf', virtual: /192\.0\.2\.100 1;$/m },
];

describe.each(ENGINES)('metrics of $name', ({ name, Front, file, virtual }) => {
  function edgeOf(metrics?: MetricsListener): { front: FrontProxy; manifests: Manifest[] } {
    const chart = chartOf();
    const front = new Front(chart, name, { ...frontProps(chart), metrics });
    // after the front proxy, as users write it
    const vip = new KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
    vip.track(front);
    return { front, manifests: synth(chart) };
  }
  const configOf = (manifests: Manifest[]): string => (
    manifests.find(({ kind, data }) => kind === 'ConfigMap' && file in data).data[file]
  );

  test('are off by default', () => {
    const { front, manifests } = edgeOf();
    expect(configOf(manifests)).not.toMatch(/341|metrics|192\.0\.2\.100/);
    expect(front.hostPorts.map(String)).toEqual(['80', '443', '127.0.0.1:340']);
  });

  test('are on port 341 for the networks that may read, and not at the virtual address', () => {
    const { front, manifests } = edgeOf({ from: FROM });
    const config = configOf(manifests);
    expect(config).toMatch(/341/);
    FROM.forEach(cidr => expect(config).toMatch(cidr.split('/')[0]));
    expect(config).toMatch(virtual);
    expect(front.hostPorts.map(String)).toEqual(['80', '443', '127.0.0.1:340', '341']);
  });

  test('have a port that the guard checks, but that is no port for clients', () => {
    const { front, manifests } = edgeOf({ from: FROM, port: 9101 });
    expect(container(only(manifests, 'DaemonSet', `edge-${name}`), 'port-guard').command.slice(-4)).toEqual(['80', '443', '340', '9101']);
    expect(front.toHostListenerConfig().hostPorts.map(String)).toEqual(['80', '443', '127.0.0.1:340']);
  });

  test('ignore a virtual address of other nodes', () => {
    const chart = chartOf();
    const props = frontProps(chart);
    const front = new Front(chart, name, { ...props, metrics: { from: FROM } });
    const others = EdgeNodes.of({ hostname: 'edge-3', address: '198.51.100.1' }, { hostname: 'edge-4', address: '198.51.100.2' });
    const vip = new KeepalivedVip(chart, 'vip', { nodes: others, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] });
    vip.track(new Front(chart, 'other', { ...props, nodes: others }));
    expect(configOf(synth(chart).filter(({ metadata }) => metadata.name === front.configMap.name))).not.toMatch(virtual);
  });

  test.each<[string, MetricsListener, string]>([
    ['no reader', { from: [] }, '[edge/X] list-empty: metrics.from must not be empty; give at least one'],
    ['an address', { from: ['10.0.0.1'] }, '[edge/X] cidr-invalid: metrics.from is not a CIDR, got "10.0.0.1"; expected a network and its prefix length'],
    ['host bits', { from: ['10.0.0.1/8'] }, '[edge/X] cidr-host-bits: metrics.from has host bits set, got "10.0.0.1/8"; did you mean the network 10.0.0.0/8'],
    ['a network twice', { from: ['2001:db8::/64', '2001:DB8:0::/64'] }, '[edge/X] cidr-twice: metrics.from must not repeat a value, got "2001:db8::/64"'],
    ['a port that is none', { from: FROM, port: 0 }, '[edge/X] port-out-of-range: metrics.port is out of range, got 0; expected a whole number from 1 to 65535'],
    ['a port of Istio', { from: FROM, port: 15_021 }, '[edge/X] port-reserved-by-istio: metrics.port'],
    ['the port of clients', { from: FROM, port: 443 }, '[edge/X] port-twice: metrics (metrics.port) has the port of a listener, got 443'],
    ['the port of health', { from: FROM, port: 340 }, '[edge/X] port-twice: metrics (metrics.port) has the port of the health endpoint (healthPort), got 340'],
  ])('fails with %s', (_, metrics, message) => {
    const chart = chartOf();
    expect(messageOf(() => new Front(chart, 'X', { ...frontProps(chart), metrics }))).toContain(message);
  });

  test('fails when another construct of the nodes has the port', () => {
    const chart = chartOf();
    const props = frontProps(chart);
    new Front(chart, name, { ...props, metrics: { from: FROM } });
    new Front(chart, 'other', { ...props, healthPort: 342, listeners: [{ port: 8443, gatewayPort: 443 }], metrics: { from: FROM } });
    expect(messageOf(() => synth(chart))).toContain(`host-port-clash: tcp ${HostPort.tcp(341)} on nodes edge-1, edge-2 is also used by edge/${name}`);
  });
});
