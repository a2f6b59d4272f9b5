// what a seamless hand-over adds to the pod of a virtual IP, and what it cannot be combined with
import { Duration, Size } from 'cdk8s';
import { chartOf, container, frontProps, messageOf, only, podSpec, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, Handover, HostNetworkIngressGateway, HostPort, KeepalivedVip, MeshEdge, VirtualAddress } from '../../src';
import type { KeepalivedVipProps } from '../../src';

const MINIMAL: KeepalivedVipProps = {
  nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')], handover: Handover.SEAMLESS,
};

function vipOf(props: Partial<KeepalivedVipProps> = {}): Manifest[] {
  const chart = chartOf();
  const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: props.nodes ?? TWO_NODES, ipv6: true });
  new KeepalivedVip(chart, 'vip', { ...MINIMAL, ...props }).track(front);
  return synth(chart);
}

const data = (manifests: Manifest[]) => only(manifests, 'ConfigMap', 'edge-vip').data as { [file: string]: string };
const daemonSet = (manifests: Manifest[]): Manifest => only(manifests, 'DaemonSet', 'edge-vip');
const handoverOf = (manifests: Manifest[]): Manifest => container(daemonSet(manifests), 'handover');

describe('the container', () => {
  let found: Manifest[];
  beforeAll(() => {
    found = vipOf();
  });

  test('matches its snapshot', () => expect(yamlOf(handoverOf(found))).toMatchSnapshot());
  test('may change the network and ping, and nothing else', () =>
    expect(handoverOf(found).securityContext).toEqual({
      privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    }));
  test('reads its own files only, and writes none', () => {
    expect(handoverOf(found).volumeMounts.map((mount: Manifest) => mount.mountPath)).toEqual([
      '/etc/handover.sh', '/etc/handover-liveness.sh', ...['edge-1', 'edge-2'].flatMap(id => [`/etc/handover-${id}.nft`, `/etc/silence-${id}.nft`, `/etc/handover-${id}.txt`]),
    ]);
    expect(handoverOf(found).volumeMounts.every((mount: Manifest) => mount.readOnly)).toBe(true);
  });
  test('has no readiness probe, so that it cannot make the pod unready', () => expect(handoverOf(found).readinessProbe).toBeUndefined());
  test('restarts when it is stopped', () =>
    expect(handoverOf(found).livenessProbe).toMatchObject({ exec: { command: ['/bin/sh', '/etc/handover-liveness.sh', '1'] }, terminationGracePeriodSeconds: 1 }));
  test('changes nothing of keepalived', () => {
    const plain = vipOf({ handover: Handover.PLAIN });
    expect(container(daemonSet(found))).toEqual(container(daemonSet(plain)));
    expect(data(found)).toMatchObject(data(plain));
    expect({ ...podSpec(daemonSet(found)), containers: [], volumes: [] }).toEqual({ ...podSpec(daemonSet(plain)), containers: [], volumes: [] });
  });
  test('takes image and resources', () => {
    const own = handoverOf(vipOf({ handover: Handover.seamless({ image: 'registry.example.com/tools:1', resources: { memory: { limit: Size.mebibytes(99) } } }) }));
    expect(own).toMatchObject({ image: 'registry.example.com/tools:1', resources: { limits: { memory: '99Mi' } } });
  });
});

test('by default, it is seamless where it is possible', () => expect(vipOf({ handover: undefined })).toEqual(vipOf({ handover: Handover.SEAMLESS })));

test('PLAIN has one container', () =>
  expect(podSpec(daemonSet(vipOf({ handover: Handover.PLAIN }))).containers.map((each: Manifest) => each.name)).toEqual(['keepalived']));

test('an edge passes it on', () => {
  const chart = chartOf();
  const { handover, ...rest } = MINIMAL;
  new MeshEdge(chart, 'edge', { ...rest, vip: { handover } });
  expect(podSpec(only(synth(chart), 'DaemonSet', 'edge-vip')).containers.map((each: Manifest) => each.name)).toEqual(['keepalived', 'handover']);
});

describe('the rules', () => {
  test('relay for the ports of all that is tracked, but not for loopback ones', () => {
    expect(data(vipOf())['handover-edge-1.nft']).toContain('ip daddr { 192.0.2.100 } tcp dport { 80, 443 } goto virtual');
    const chart = chartOf();
    const vip = new KeepalivedVip(chart, 'vip', MINIMAL);
    vip.track(new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } }));
    expect(data(synth(chart))['handover-edge-1.nft']).toMatch(/tcp dport \{ 80, 443, 15000, .*15021, /);
  });
  test('name nodes in an order that does not depend on the list, and each its own interface', () => {
    const nodes = [{ hostname: 'b', address: '192.0.2.12', networkInterface: 'bond0' }, { hostname: 'c', address: '192.0.2.13' }, { hostname: 'a', address: '192.0.2.11' }];
    const texts = [nodes, [...nodes].reverse()].map(list => data(vipOf({ nodes: EdgeNodes.of(...list) })));
    expect(texts[0]['handover-b.nft']).toBe(texts[1]['handover-b.nft']);
    expect(texts[0]['handover-b.txt']).toBe('interface bond0\nfamily ip\naddress 192.0.2.100\npeer 1 192.0.2.11\npeer 3 192.0.2.13\ninstance 100 2 192.0.2.100\n');
    expect(texts[0]['handover-a.txt']).toMatch(/^interface eth0\n/);
  });
  test('use a routing table that no other virtual IP of the node has, and a name that stays', () => {
    const command = (props: Partial<KeepalivedVipProps>) => handoverOf(vipOf(props)).command.slice(2);
    expect(command({})).toEqual(['handover.istio-ingress.edge-vip', '11100', '120', '3600']);
    expect(command({ virtualAddresses: ['192.0.2.101', '192.0.2.99'].map(address => VirtualAddress.of(address)) })[1]).toBe('11099');
    const nodes = EdgeNodes.of({ hostname: 'a', address: '2001:db8::11' }, { hostname: 'b', address: '2001:db8::12' });
    expect(command({ nodes, virtualAddresses: [VirtualAddress.of('2001:db8::100', { vrid: 100 })] })[1]).toBe('11356');
  });
  test('wait for the adverts of each instance', () =>
    expect(data(vipOf({ advertInterval: Duration.seconds(1) }))['silence-edge-1.nft']).toContain('timeout 3500ms'));
});

describe('spreadConnections', () => {
  const spread = (props: Partial<KeepalivedVipProps> = {}) => vipOf({ handover: Handover.seamless({ spreadConnections: true }), ...props });

  test('gives every node a rule for each slot, and false gives none', () => {
    expect(data(spread())['handover-edge-1.nft'].match(/^ *jhash ip saddr .* goto slot\d$/gm)).toHaveLength(4);
    expect(vipOf({ handover: Handover.seamless({ spreadConnections: false }) })).toEqual(vipOf());
  });
  test('lets the container read the verdicts of the checks, and nothing else', () => {
    const found = spread();
    const volume = container(daemonSet(found)).volumeMounts.find((mount: Manifest) => mount.mountPath === '/run/keepalived').name;
    const mounts = handoverOf(found).volumeMounts.filter((mount: Manifest) => !mount.mountPath.startsWith('/etc/'));
    expect(mounts).toEqual([{ mountPath: '/run/keepalived', name: volume, readOnly: true }]);
    expect(handoverOf(found).securityContext).toEqual(handoverOf(vipOf()).securityContext);
  });
  test('reads the verdict of every tracked listener, for as long as the slowest check may take', () => {
    const found = spread({ checkTimeout: Duration.seconds(2) });
    expect(data(found)['handover-edge-1.txt']).toContain('check /run/keepalived/edge-front\npatience 230\n');
  });
  test('changes nothing of keepalived', () => expect(container(daemonSet(spread()))).toEqual(container(daemonSet(vipOf()))));
});

describe('where it is not possible', () => {
  const IMPOSSIBLE: [string, string, Partial<KeepalivedVipProps>][] = [
    ['addresses of nodes are not known', 'handover-nodes-unknown: a seamless hand-over needs nodes whose addresses are known', {
      nodes: EdgeNodes.named('a', 'b'),
    }],
    ['there are more than eight nodes', 'handover-nodes-too-many: a seamless hand-over works between at most 8 nodes, got 9', {
      nodes: EdgeNodes.of(...Array.from({ length: 9 }, (_, index) => ({ hostname: `edge-${index + 1}`, address: `192.0.2.${index + 1}` }))),
    }],
    ['an address is on another interface', 'handover-interface: a seamless hand-over cannot move 198.51.100.1', {
      virtualAddresses: [VirtualAddress.of('198.51.100.1', { networkInterface: 'eth1' })],
    }],
    ['a node has no address of a family that moves', 'handover-address-family: a seamless hand-over of 2001:db8::100 needs an IPv6 address on every node; give every node an ipv6Address', {
      virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })],
    }],
  ];

  test.each(IMPOSSIBLE)('fails when %s, and PLAIN does not', (_, message, props) => {
    expect(messageOf(() => vipOf(props))).toContain(message);
    expect(messageOf(() => vipOf({ ...props, handover: Handover.PLAIN }))).toBe('');
  });
  test('fails for a node without the IPv4 address that moves', () => {
    const nodes = EdgeNodes.of({ hostname: 'a', address: '2001:db8::11' }, { hostname: 'b', address: '2001:db8::12' });
    expect(messageOf(() => vipOf({ nodes }))).toContain('handover-address-family: a seamless hand-over of 192.0.2.100 needs an IPv4 address on every node; give every node an IPv4 address');
  });
  test('eight nodes are not too many', () => {
    const nodes = EdgeNodes.of(...Array.from({ length: 8 }, (_, index) => ({ hostname: `edge-${index + 1}`, address: `192.0.2.${index + 1}` })));
    expect(messageOf(() => vipOf({ nodes }))).toBe('');
  });
  test('a node name must leave room for the names of files', () => {
    const nodes = (length: number) => EdgeNodes.of(...[1, 2].map(index => ({ hostname: `edge-${index}`, address: `192.0.2.${index}`, nodeName: `${index}.`.padEnd(length, 'a.').replace(/\.$/, 'a') })));
    expect(messageOf(() => vipOf({ nodes: nodes(240) }))).toBe('');
    expect(messageOf(() => vipOf({ nodes: nodes(241) }))).toMatch(/node-name-invalid.*\n.*node-name-invalid/);
  });
  test.each(IMPOSSIBLE)('it is plain by default, when %s', (_, __, props) =>
    expect(vipOf({ ...props, handover: undefined })).toEqual(vipOf({ ...props, handover: Handover.PLAIN })));
});

test('fails if no tracked listener has a port that clients reach, and PLAIN does not', () => {
  const withHandover = (handover: Handover) => {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: TWO_NODES });
    jest.spyOn(front, 'toHostListenerConfig').mockReturnValue({ ...front.toHostListenerConfig(), hostPorts: [HostPort.loopback(8080)] });
    new KeepalivedVip(chart, 'vip', { ...MINIMAL, handover }).track(front);
    return messageOf(() => synth(chart));
  };
  expect(withHandover(Handover.SEAMLESS)).toContain('handover-without-port: a seamless hand-over needs a tracked listener with a port');
  expect(withHandover(Handover.PLAIN)).toBe('');
});

test('fails for an image without a shell', () => expect(messageOf(() => Handover.seamless({ image: 'docker.io/istio/proxyv2:1.31.1-distroless' })))
  .toBe('[Handover.seamless()] handover-image-distroless: image has no shell, got "docker.io/istio/proxyv2:1.31.1-distroless"; give an image with /bin/sh, nft, ip, ss and ping, such as proxyv2 without -distroless'));
test('fails for an image that is none', () => expect(messageOf(() => Handover.seamless({ image: 'no image' }))).toContain('image-invalid'));
