import * as kplus from 'cdk8s-plus-27';
import { chartOf, container, frontProps, messageOf, only, podSpec, synth, TWO_NODES } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontNginx, KeepalivedVip, VirtualAddress } from '../../src';
import type { KeepalivedVipProps, MetricsListener } from '../../src';

const FROM = ['10.244.0.0/16', '2001:DB8::/64'];

const DUAL = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'edge-2', address: '192.0.2.12', ipv6Address: '2001:db8::12' });

function manifestsOf(metrics?: MetricsListener, props: Partial<KeepalivedVipProps> = {}): Manifest[] {
  const chart = chartOf();
  const virtualAddresses = [VirtualAddress.of('192.0.2.100'), VirtualAddress.of('192.0.2.101')];
  const vip = new KeepalivedVip(chart, 'vip', { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses, metrics, ...props });
  vip.track(new FrontNginx(chart, 'front', { ...frontProps(chart), nodes: props.nodes ?? TWO_NODES, ipv6: true, metrics: { from: FROM } }));
  return synth(chart);
}

const vipOf = (manifests: Manifest[]) => only(manifests, 'DaemonSet', 'edge-vip');
const filesOf = (manifests: Manifest[]) => manifests.find(({ data }) => data?.['keepalived.conf']).data;

test('metrics are off by default', () => {
  const manifests = manifestsOf();
  expect(podSpec(vipOf(manifests)).containers.map(({ name }: Manifest) => name)).toEqual(['keepalived', 'handover']);
  expect(Object.keys(filesOf(manifests)).filter(file => file.startsWith('keepalived-metrics'))).toEqual([]);
});

test('a container without capabilities reads what keepalived writes', () => {
  const metrics = container(vipOf(manifestsOf({ from: FROM })), 'metrics');
  expect(metrics.image).toMatch(/^docker\.io\/library\/nginx:/);
  expect(metrics.securityContext).toMatchObject({ runAsUser: 0, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  expect(metrics.securityContext.capabilities.add).toBeUndefined();
  const mounts = metrics.volumeMounts.filter((mount: Manifest) => mount.name !== 'config');
  expect(mounts).toEqual([{ mountPath: '/run/metrics', name: 'run-metrics' }, { mountPath: '/run/keepalived', name: 'run-keepalived', readOnly: true }]);
});

test('every container has the pull policy that is given', () => {
  const { containers } = podSpec(vipOf(manifestsOf({ from: FROM }, { imagePullPolicy: kplus.ImagePullPolicy.ALWAYS })));
  expect(containers.map(({ name, imagePullPolicy }: Manifest) => [name, imagePullPolicy])).toEqual(['keepalived', 'handover', 'metrics'].map(name => [name, 'Always']));
});

test('the hand-over counts connections in a file that the metrics read, and writes nothing without metrics', () => {
  const mountOf = (manifests: Manifest[]) => container(vipOf(manifests), 'handover').volumeMounts.find(({ mountPath }: Manifest) => mountPath === '/run/keepalived');
  const withMetrics = manifestsOf({ from: FROM });
  expect(filesOf(withMetrics)['handover-edge-1.txt']).toContain('\nconnections /run/keepalived/handover.connections\n');
  expect(mountOf(withMetrics)).toEqual({ mountPath: '/run/keepalived', name: 'run-keepalived' });
  expect(filesOf(manifestsOf())['handover-edge-1.txt']).not.toContain('connections');
  expect(mountOf(manifestsOf())).toBeUndefined();
});

test('it knows every instance, address and check, and answers at no virtual address', () => {
  const files = filesOf(manifestsOf({ from: FROM, port: 9999 }));
  expect(files['keepalived-metrics.txt'].split('\n')).toEqual([
    'instance vip-192-0-2-100 100 192.0.2.100',
    'instance vip-192-0-2-101 101 192.0.2.101',
    'check edge-front',
    'sysctl node_sysctl_net_ipv4_tcp_migrate_req /proc/sys/net/ipv4/tcp_migrate_req',
    'sysctl node_sysctl_net_ipv4_tcp_tw_reuse /proc/sys/net/ipv4/tcp_tw_reuse',
    '',
  ]);
  ['listen 0.0.0.0:9999', '10.244.0.0/16 1;', '2001:db8::/64 1;', '192.0.2.100 1;', '192.0.2.101 1;']
    .forEach(line => expect(files['keepalived-metrics.conf']).toContain(line));
});

test.each<[string, Partial<KeepalivedVipProps>, string[]]>([
  ['IPv4 addresses', {}, ['0.0.0.0:9165']],
  ['an IPv6 address of a node', { nodes: DUAL }, ['0.0.0.0:9165', '[::]:9165']],
  ['an IPv6 virtual address', { nodes: EdgeNodes.named('edge-1', 'edge-2'), virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })] }, ['0.0.0.0:9165', '[::]:9165']],
])('it listens where nodes with %s can be reached', (_, props, listens) => {
  const text: string = filesOf(manifestsOf({ from: FROM }, props))['keepalived-metrics.conf'];
  expect([...text.matchAll(/listen (\S+:\d+)/g)].map(([, listen]) => listen)).toEqual(listens);
});

test('its image may be another one, and fails without metrics', () => {
  const metricsImage = 'registry.example.com/nginx:1';
  expect(container(vipOf(manifestsOf({ from: FROM }, { metricsImage })), 'metrics').image).toBe(metricsImage);
  expect(messageOf(() => manifestsOf(undefined, { metricsImage }))).toContain('[edge/vip] option-unused: metricsImage has no effect without metrics');
  expect(messageOf(() => manifestsOf({ from: FROM }, { metricsImage: 'NGINX' }))).toContain('[edge/vip] image-invalid: metricsImage');
});

test('a low port needs the capability to bind it', () => {
  const metrics = container(vipOf(manifestsOf({ from: FROM, port: 342 })), 'metrics');
  expect(metrics.securityContext).toMatchObject({ runAsUser: 0, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } });
});

test.each<[string, MetricsListener, string]>([
  ['no reader', { from: [] }, '[edge/vip] list-empty: metrics.from must not be empty'],
  ['an address', { from: ['10.0.0.1'] }, '[edge/vip] cidr-invalid: metrics.from is not a CIDR, got "10.0.0.1"'],
  ['a port that is none', { from: FROM, port: 70_000 }, '[edge/vip] port-out-of-range: metrics.port is out of range, got 70000'],
  ['the port of its front proxy', { from: FROM, port: 341 }, 'host-port-clash: tcp 341 on nodes edge-1, edge-2 is also used by edge/vip'],
])('fails with %s', (_, metrics, message) => {
  expect(messageOf(() => manifestsOf(metrics))).toContain(message);
});
