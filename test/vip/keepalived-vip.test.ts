import { Duration } from 'cdk8s';
import { chartOf, container, frontProps, messageOf, only, podSpec, synth, TWO_NODES, yamlOf } from '../../sandbox/synth';
import type { Manifest } from '../../sandbox/synth';
import { EdgeNodes, FrontEnvoy, FrontHaproxy, Handover, HostNetworkIngressGateway, KeepalivedVip, VirtualAddress } from '../../src';
import type { KeepalivedVipProps } from '../../src';

const MINIMAL: KeepalivedVipProps = { nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of('192.0.2.100')] };

function vipOf(props: Partial<KeepalivedVipProps> = {}, chart = chartOf()): Manifest[] {
  const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: props.nodes ?? TWO_NODES });
  new KeepalivedVip(chart, 'vip', { ...MINIMAL, ...props }).track(front);
  return synth(chart);
}

const config = (manifests: Manifest[]): string => only(manifests, 'ConfigMap', 'edge-vip').data['keepalived.conf'];
const checkers = (manifests: Manifest[]): string => only(manifests, 'ConfigMap', 'edge-vip').data['keepalived-checkers.txt'];
const daemonSet = (manifests: Manifest[]): Manifest => only(manifests, 'DaemonSet', 'edge-vip');

describe('the pod', () => {
  let workload: Manifest;
  beforeAll(() => {
    workload = daemonSet(vipOf({ handover: Handover.PLAIN }));
  });

  test('matches its snapshot', () => expect(yamlOf(workload)).toMatchSnapshot());
  test('may manage addresses and start its checks, and nothing else', () => {
    expect(container(workload).securityContext).toMatchObject({
      privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW', 'SETGID'] },
    });
  });
  test('is not throttled and not evicted', () => {
    expect(container(workload).resources).toEqual({ requests: { cpu: '200m', memory: '32Mi' }, limits: { memory: '64Mi' } });
    expect(podSpec(workload).priorityClassName).toBe('system-node-critical');
  });
  test('is replaced node by node, each after an election would be over', () => {
    expect(workload.spec.updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(workload.spec.minReadySeconds).toBe(5);
    expect(daemonSet(vipOf({ advertInterval: Duration.seconds(10) })).spec.minReadySeconds).toBe(41);
  });
  test('knows its node', () => expect(container(workload).env).toEqual([{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }]));
  test('is asked whether it can hold its addresses', () =>
    expect(container(workload).readinessProbe.exec.command).toEqual(expect.arrayContaining(['/etc/keepalived-ready.sh', 'vip-192-0-2-100'])));
  test('restarts when it hangs for a minute', () =>
    expect(container(workload).livenessProbe).toEqual({
      exec: { command: ['/bin/sh', '/etc/keepalived-liveness.sh', '/run/keepalived'] },
      periodSeconds: 10, timeoutSeconds: 30, failureThreshold: 5, terminationGracePeriodSeconds: 1,
    }));
  test.each<[string, Partial<KeepalivedVipProps>]>([
    ['the election', { advertInterval: Duration.millis(100) }], ['a check', { checkInterval: Duration.millis(300) }],
  ])('rolls when %s changes, and gets a ConfigMap of its own', (_, changes) => {
    const [before, after] = [vipOf(), vipOf(changes)];
    const checksum = (found: Manifest[]) => daemonSet(found).spec.template.metadata.annotations['cdk8s-istio-edge/config-checksum'];
    const configMap = (found: Manifest[]) => only(found, 'ConfigMap', 'edge-vip').metadata.name;
    expect(checksum(after)).not.toBe(checksum(before));
    expect(configMap(after)).not.toBe(configMap(before));
  });
});

describe('the configuration', () => {
  test('is unicast between known nodes, all BACKUP, without preemption', () => {
    const text = config(vipOf());
    expect(text).toContain('state BACKUP\n      nopreempt'.replace(/ {6}/, '  '));
    expect(text).toContain('@edge-1 unicast_src_ip 192.0.2.11');
    expect(text).toContain('@edge-1 priority 250');
    expect(text).toContain('@edge-2 priority 249');
    expect(text).toContain('virtual_router_id 100');
    expect(text).toContain('advert_int 0.2');
    expect(text).toContain('192.0.2.100/32');
  });
  test('is multicast with equal priorities where addresses are not known', () => {
    const text = config(vipOf({ nodes: EdgeNodes.labeled({ role: 'edge' }) }));
    expect(text).not.toContain('unicast');
    expect(text).toContain('priority 250');
  });
  test('checks what is tracked, at its own health endpoint', () => {
    expect(checkers(vipOf())).toBe('edge-front http://127.0.0.1:340/healthz 0.2 0.8 120 2 2 -\n');
    const chart = chartOf();
    const vip = new KeepalivedVip(chart, 'vip', MINIMAL);
    vip.track(new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } }));
    expect(checkers(synth(chart))).toContain('http://127.0.0.1:15021/healthz/ready');
  });
  test('takes the word of a gateway\'s own user on 15021 only, and of root only on a high health port', () => {
    const chart = chartOf();
    const vip = new KeepalivedVip(chart, 'vip', MINIMAL);
    vip.track(new HostNetworkIngressGateway(chart, 'gateway', { nodes: TWO_NODES, istio: { version: '1.31.0' } }));
    expect(checkers(synth(chart))).toMatch(/ 1337:3AAD\n$/);
    const other = chartOf();
    new KeepalivedVip(other, 'vip', MINIMAL).track(new FrontHaproxy(other, 'front', { ...frontProps(other), nodes: TWO_NODES, healthPort: 18_021 }));
    expect(checkers(synth(other))).toMatch(/ 0:4665\n$/);
  });
  test.each([
    ['IPv6 only', '2001:db8::100', ['2001:db8::11', '2001:db8::12'], ['http://[::1]:15021/healthz/ready']],
    ['IPv4', '192.0.2.100', ['192.0.2.11', '192.0.2.12'], ['http://127.0.0.1:15021/healthz/ready']],
    ['families that are not known', '192.0.2.100', [], ['http://127.0.0.1:15021/healthz/ready', 'http://[::1]:15021/healthz/ready']],
  ])('asks a host gateway on nodes with %s where it listens', (_, virtual, addresses, urls) => {
    const chart = chartOf();
    const nodes = addresses.length === 0 ? EdgeNodes.named('a', 'b') : EdgeNodes.of(...addresses.map(address => ({ hostname: `edge-${address.slice(-1)}`, address })));
    const vip = new KeepalivedVip(chart, 'vip', { ...MINIMAL, nodes, virtualAddresses: [VirtualAddress.of(virtual)] });
    vip.track(new HostNetworkIngressGateway(chart, 'gateway', { nodes, istio: { version: '1.31.0' } }));
    expect(checkers(synth(chart)).match(/http:\S+/g)).toEqual(urls);
  });
  test('checks as often as it is told, and waits at least as long for an answer', () => {
    const checkersOf = (props: Partial<KeepalivedVipProps>) => checkers(vipOf(props)).replace(/.*healthz /, '');
    expect(checkersOf({ checkInterval: Duration.millis(500), checkFall: 3, checkRise: 4 })).toBe('0.5 0.5 120 3 4 -\n');
    expect(checkersOf({ checkInterval: Duration.millis(1_100), checkFall: 1 })).toBe('1.1 0 130 1 2 -\n');
    expect(checkersOf({ checkTimeout: Duration.seconds(2) })).toBe('0.2 1.8 220 2 2 -\n');
  });
  test('names nodes as Kubernetes does, and takes what is said of each', () => {
    const text = config(vipOf({
      nodes: EdgeNodes.of(
        { hostname: 'edge-1', address: '192.0.2.11', nodeName: 'edge-1.example.com', networkInterface: 'bond0', priority: 7 },
        { hostname: 'edge-2', address: '192.0.2.12' },
      ),
    }));
    expect(text).toContain('@edge-1.example.com interface bond0');
    expect(text).toContain('@edge-1.example.com priority 7');
    expect(text).toContain('@edge-2 interface eth0');
  });

  describe('with an address on another interface than the nodes\' own', () => {
    const inside = VirtualAddress.of('198.51.100.200', { networkInterface: 'eth1' });

    test('adverts stay on the nodes\', and the address is put on its own', () => {
      const text = config(vipOf({ virtualAddresses: [VirtualAddress.of('192.0.2.100'), inside] }));
      expect(text.match(/^ {2}interface .*/gm)).toEqual(['  interface eth0', '  interface eth0']);
      expect(text).toContain('192.0.2.100/32\n');
      expect(text).toContain('198.51.100.200/32 dev eth1\n');
      expect(text.match(/track_interface \{\n {4}eth1\n/g)).toHaveLength(1);
    });
    test('what the nodes say of themselves stays', () => {
      const nodes = EdgeNodes.of({ hostname: 'a', address: '192.0.2.11', networkInterface: 'eth1' }, { hostname: 'b', address: '192.0.2.12', networkInterface: 'ens3' });
      const text = config(vipOf({ nodes, networkInterface: undefined, virtualAddresses: [inside] }));
      expect(text).toContain('@a interface eth1');
      expect(text).toContain('@b interface ens3');
      expect(text).toContain('198.51.100.200/32 dev eth1\n');
    });
    test('an interface that is named twice is said once', () =>
      expect(config(vipOf({ virtualAddresses: [VirtualAddress.of('192.0.2.100', { networkInterface: 'eth0' })] }))).toBe(config(vipOf())));
    test('multicast goes over the interface of the nodes where one is given, else over that of the address', () => {
      const nodes = EdgeNodes.named('a', 'b');
      expect(config(vipOf({ nodes, virtualAddresses: [inside] }))).toMatch(/interface eth0\n[^]*198\.51\.100\.200\/32 dev eth1\n/);
      expect(config(vipOf({ nodes, networkInterface: undefined, virtualAddresses: [inside] }))).toMatch(/interface eth1\n[^]*198\.51\.100\.200\/32\n/);
    });
  });

  test('has the lines that are added to it', () => {
    const text = config(vipOf({ configurationSnippets: { vrrp_instance: 'notify_deleted', sections: 'vrrp_sync_group both {\n  group {\n    vip-192-0-2-100\n  }\n}' } }));
    expect(text).toMatch(/^vrrp_instance vip-192-0-2-100 \{$[^]*^ +notify_deleted\n\}$[^]*^vrrp_sync_group both \{$/m);
    expect(config(vipOf())).not.toContain('Snippets');
  });

  describe('with several addresses', () => {
    const several = ['192.0.2.100', '192.0.2.101'].map(address => VirtualAddress.of(address));

    test('keeps them together unless told to spread them', () => {
      expect(config(vipOf({ virtualAddresses: several })).match(/@edge-1 priority 250/g)).toHaveLength(2);
    });
    test('spread gives each node the first place once, preempts, and waits before it does', () => {
      const text = config(vipOf({ virtualAddresses: several, spread: true }));
      expect(text.match(/@edge-1 priority \d+/g)).toEqual(['@edge-1 priority 250', '@edge-1 priority 249']);
      expect(text.match(/@edge-2 priority \d+/g)).toEqual(['@edge-2 priority 249', '@edge-2 priority 250']);
      expect(text.match(/preempt_delay 30$/gm)).toHaveLength(2);
      expect(text).not.toContain('nopreempt');
    });
    test('spread among three nodes begins each address one node further in the list', () => {
      const nodes = EdgeNodes.of(...[1, 2, 3].map(n => ({ hostname: `edge-${n}`, address: `192.0.2.1${n}` })));
      const text = config(vipOf({ nodes, virtualAddresses: several, spread: true }));
      expect(text.match(/@edge-1 priority \d+/g)).toEqual(['@edge-1 priority 250', '@edge-1 priority 248']);
      expect(text.match(/@edge-2 priority \d+/g)).toEqual(['@edge-2 priority 249', '@edge-2 priority 250']);
      expect(text.match(/@edge-3 priority \d+/g)).toEqual(['@edge-3 priority 248', '@edge-3 priority 249']);
    });
    test('spread leaves an address with a preferred node there', () => {
      const text = config(vipOf({ virtualAddresses: [several[0], VirtualAddress.of('192.0.2.102', { preferredNode: 'edge-1' })], spread: true }));
      expect(text.match(/@edge-1 priority \d+/g)).toEqual(['@edge-1 priority 250', '@edge-1 priority 254']);
    });
    test('adding one never changes another', () => {
      const before = config(vipOf({ virtualAddresses: several.slice(0, 1) }));
      const instance = before.slice(before.indexOf('vrrp_instance'));
      expect(config(vipOf({ virtualAddresses: several }))).toContain(instance.trimEnd());
    });
  });

  test('a preferred node comes before one of the highest priority', () => {
    const nodes = EdgeNodes.of({ hostname: 'a', address: '192.0.2.11', priority: 254 }, { hostname: 'b', address: '192.0.2.12' });
    const text = config(vipOf({ nodes, virtualAddresses: [VirtualAddress.of('192.0.2.100', { preferredNode: 'b' })] }));
    expect(text.match(/@\w priority \d+/g)).toEqual(['@a priority 253', '@b priority 254']);
  });
  test('a preferred node leaves the order of the others as it is, and their priorities where there is room', () => {
    const priorities = (...given: number[]) => {
      const nodes = EdgeNodes.of(...given.map((priority, index) => ({ hostname: `n${index}`, address: `192.0.2.${index + 1}`, priority })));
      return config(vipOf({ nodes, virtualAddresses: [VirtualAddress.of('192.0.2.100', { preferredNode: 'n0' })] })).match(/(?<=@n\d priority )\d+/g)!.map(Number);
    };
    expect(priorities(9, 254, 253)).toEqual([254, 253, 252]);
    expect(priorities(9, 252, 253, 254, 250)).toEqual([254, 251, 252, 253, 250]);
    expect(priorities(254, 254, 7)).toEqual([254, 253, 7]);
    expect(priorities(254, 253, 1)).toEqual([254, 253, 1]);
  });
  test('preemptDelay turns preemption on', () => {
    const text = config(vipOf({ preemptDelay: Duration.seconds(5) }));
    expect(text).toContain('preempt_delay 5\n');
    expect(text).not.toContain('nopreempt');
  });
  test('a preferred node gets its address back', () => {
    const text = config(vipOf({ virtualAddresses: [VirtualAddress.of('192.0.2.100', { preferredNode: 'edge-2' })] }));
    expect(text).toContain('@edge-2 priority 254');
    expect(text).not.toContain('nopreempt');
  });

  describe('of both families', () => {
    const dual = EdgeNodes.of(
      { hostname: 'a', address: '192.0.2.11', ipv6Address: '2001:db8::11' }, { hostname: 'b', address: '192.0.2.12', ipv6Address: '2001:db8::12' });

    test('is one instance, with the IPv6 address moving along', () => {
      const text = config(vipOf({ nodes: dual, virtualAddresses: [VirtualAddress.of('192.0.2.100', { ipv6Address: '2001:db8::100' })] }));
      expect(text.match(/vrrp_instance/g)).toHaveLength(1);
      expect(text).toMatch(/virtual_ipaddress_excluded \{\n\s+2001:db8::100\/128/);
    });
    test('pure IPv6 is an instance of its own, between IPv6 addresses', () => {
      expect(config(vipOf({ nodes: dual, virtualAddresses: [VirtualAddress.of('2001:db8::1:0:0:0')] }))).toContain('vrrp_instance vip-2001-db8-0-0-1 {');
      const text = config(vipOf({ nodes: dual, virtualAddresses: [VirtualAddress.of('2001:db8::100')] }));
      expect(text).toContain('@a unicast_src_ip 2001:db8::11');
      expect(text).toContain('virtual_router_id 2');
    });
  });
});

describe('between virtual IPs', () => {
  const second = EdgeNodes.of({ hostname: 'c', address: '198.51.100.11' }, { hostname: 'd', address: '198.51.100.12' });

  function twoVips(one: Partial<KeepalivedVipProps>, other: Partial<KeepalivedVipProps>): string {
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes: EdgeNodes.named('edge-1', 'edge-2', 'c', 'd') });
    new KeepalivedVip(chart, 'one', { ...MINIMAL, ...one }).track(front);
    new KeepalivedVip(chart, 'two', { ...MINIMAL, virtualAddresses: [VirtualAddress.of('198.51.100.100')], ...other }).track(front);
    return messageOf(() => synth(chart));
  }

  test('fails for one router id twice, naming a free one', () =>
    expect(twoVips({}, {})).toContain('[edge/two] vrid-clash: 192.0.2.100 of edge/one and 198.51.100.100 have the same VRID, got 100; give one of them a VRID that nothing else on the network has, such as: VirtualAddress.of(address, { vrid: 101 })'));
  test('fails for one router id by multicast, even on other nodes: both may hear it', () =>
    expect(twoVips({}, { nodes: EdgeNodes.named('c', 'd') })).toContain('vrid-clash'));
  test('works with one router id on other nodes by unicast', () => expect(twoVips({}, { nodes: second })).toBe(''));
  test('works with another router id', () =>
    expect(twoVips({}, { virtualAddresses: [VirtualAddress.of('198.51.100.100', { vrid: 1 })] })).toBe(''));
  test('works with one router id in both families', () => {
    const nodes = EdgeNodes.named('edge-1', 'edge-2');
    const chart = chartOf();
    const front = new FrontEnvoy(chart, 'front', { ...frontProps(chart), nodes, ipv6: true });
    new KeepalivedVip(chart, 'one', { ...MINIMAL, nodes, virtualAddresses: [VirtualAddress.of('192.0.2.100', { vrid: 7 })] }).track(front);
    new KeepalivedVip(chart, 'two', { ...MINIMAL, nodes, virtualAddresses: [VirtualAddress.of('2001:db8::100', { vrid: 7 })] }).track(front);
    expect(messageOf(() => synth(chart))).toBe('');
  });
  test('fails for one IPv6 address twice', () => {
    const [one, other] = [1, 2].map(vrid => [VirtualAddress.of('2001:db8::100', { vrid })]);
    expect(twoVips({ nodes: EdgeNodes.named('edge-1', 'edge-2'), virtualAddresses: one }, { nodes: EdgeNodes.named('c', 'd'), virtualAddresses: other }))
      .toContain('[edge/two] address-twice: 2001:db8::100 is also a virtual address of edge/one; use each virtual address once; if the nodes are in different networks, call EdgeNodes.assumeDisjointFrom()');
  });
  test('fails for one address twice', () =>
    expect(twoVips({}, { nodes: second, virtualAddresses: [VirtualAddress.of('192.0.2.100', { vrid: 1 })] }))
      .toContain('[edge/two] address-twice: 192.0.2.100 is also a virtual address of edge/one'));
});

describe('bad input', () => {
  const DUAL_STACK = EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', ipv6Address: '2001:db8::1' }, { hostname: 'b', address: '192.0.2.2', ipv6Address: '2001:db8::2' });
  const of = VirtualAddress.of;
  test.each<[string, Partial<KeepalivedVipProps>, string]>([
    ['no address', { virtualAddresses: [] }, 'list-empty: virtualAddresses must not be empty'],
    ['one address twice', { virtualAddresses: [of('192.0.2.100'), of('192.0.2.100', { vrid: 7 })] }, 'address-twice: 192.0.2.100 is also a virtual address of edge/vip; use each virtual address once'],
    ['preemption among nodes of equal priority', { nodes: EdgeNodes.named('a', 'b'), preemptDelay: Duration.seconds(5) }, 'preempt-without-preferred-node'],
    ['one node', { nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1' }) }, 'nodes-too-few: a virtual IP needs at least two nodes, got "a"'],
    ['one named node', { nodes: EdgeNodes.named('a') }, 'nodes-too-few'],
    ['preemption among nodes that have one priority', { preemptDelay: Duration.seconds(0), nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', priority: 9 }, { hostname: 'b', address: '192.0.2.2', priority: 9 }) }, 'preempt-without-preferred-node: preemption needs one node with the highest priority for 192.0.2.100, got {"a":9,"b":9}; omit preemptDelay'],
    ['an address without a home beside one with a preferred node', {
      nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', priority: 9 }, { hostname: 'b', address: '192.0.2.2', priority: 9 }), virtualAddresses: [of('192.0.2.100'), of('192.0.2.101', { preferredNode: 'a' })],
    }, 'preempt-without-preferred-node'],
    ['the address of a node', { virtualAddresses: [of('192.0.2.12')] }, 'address-of-node: 192.0.2.12 is a virtual address of edge/vip and the address of a node of edge/vip; choose a virtual address that nothing else has'],
    ['the IPv6 address of a node, in another spelling', { nodes: DUAL_STACK, virtualAddresses: [of('192.0.2.100', { ipv6Address: '2001:DB8:0::1' })] }, 'address-of-node: 2001:db8::1 is a virtual address of edge/vip and'],
    ['two addresses with one router id', { virtualAddresses: [of('192.0.2.100'), of('198.51.100.100')] }, 'vrid-clash: 192.0.2.100 and 198.51.100.100 have the same VRID, got 100; give one of them a VRID that nothing else on the network has, such as: VirtualAddress.of(address, { vrid: 101 })'],
    ['no interface', { networkInterface: undefined }, 'interface-missing'],
    ['an interface on one of two nodes', {
      networkInterface: undefined, nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.11', networkInterface: 'eth0' }, { hostname: 'b', address: '192.0.2.12' }),
    }, 'interface-missing'],
    ['an interface of the address alone, which may not be that of the nodes', {
      networkInterface: undefined, virtualAddresses: [of('192.0.2.100', { networkInterface: 'eth1' })],
    }, 'interface-missing: networkInterface is missing; give the interface of the nodes\' own addresses'],
    ['an invalid interface', { networkInterface: 'eth0 ' }, 'interface-invalid'],
    ['no interface by multicast', { networkInterface: undefined, nodes: EdgeNodes.named('a', 'b') }, 'interface-missing'],
    ['an interface on one of two addresses by multicast', {
      networkInterface: undefined, nodes: EdgeNodes.named('a', 'b'), virtualAddresses: [of('192.0.2.100', { networkInterface: 'eth1' }), of('192.0.2.101')],
    }, 'interface-missing'],
    ['a preferred node among unlisted ones', { nodes: EdgeNodes.labeled({ role: 'edge' }), virtualAddresses: [of('192.0.2.100', { preferredNode: 'edge-1' })] },
      'preferred-node-unknown: preferredNode is not one of the listed nodes, got "edge-1"; list the nodes with EdgeNodes.of('],
    ['an advert of 0', { advertInterval: Duration.millis(0) }, 'duration-out-of-range: advertInterval is out of range, got "0 s"'],
    ['an advert below 10 ms', { advertInterval: Duration.millis(9) }, 'duration-out-of-range'],
    ['an advert above 40.95 s', { advertInterval: Duration.seconds(41) }, 'duration-out-of-range: advertInterval is out of range, got "41 s"; expected 10 ms to 40.95 s, in steps of 10 ms'],
    ['an advert between two steps', { advertInterval: Duration.millis(15) }, 'duration-out-of-range'],
    ['a preempt delay above 1000 s', { preemptDelay: Duration.seconds(1001) }, 'duration-out-of-range: preemptDelay'],
    ['a check every 50 ms', { checkInterval: Duration.millis(50) }, 'duration-out-of-range: checkInterval is out of range, got "50 ms"; expected 100 ms to 10 s, in steps of 10 ms'],
    ['a check every minute', { checkInterval: Duration.minutes(1) }, 'duration-out-of-range: checkInterval'],
    ['a timeout below the interval', { checkInterval: Duration.seconds(1), checkTimeout: Duration.millis(900) }, 'duration-out-of-range: checkTimeout is out of range, got "900 ms"; expected 1 s to 10 s, in steps of 10 ms'],
    ['an interval with a fraction of a millisecond', { checkInterval: Duration.millis(200.5), checkTimeout: Duration.seconds(1) }, 'duration-out-of-range: checkInterval is out of range, got "200.5 ms"'],
    ['a timeout below the default interval', { checkTimeout: Duration.millis(190) }, 'duration-out-of-range: checkTimeout is out of range, got "190 ms"; expected 200 ms to 10 s'],
    ['a check that fails after none', { checkFall: 0 }, 'check-count-out-of-range: checkFall'],
    ['a check that rises after 11', { checkRise: 11 }, 'check-count-out-of-range: checkRise'],
    ['a preferred node that is none', { virtualAddresses: [of('192.0.2.100', { preferredNode: 'edge-9' })] }, 'preferred-node-unknown: preferredNode is not one of the listed nodes, got "edge-9"; expected one of edge-1, edge-2'],
    ['spread over unknown nodes', { spread: true, nodes: EdgeNodes.labeled({ role: 'edge' }) }, 'spread-nodes-unknown'],
    ['spread of addresses that each have a preferred node', { spread: true, virtualAddresses: [of('192.0.2.100', { preferredNode: 'edge-2' }), of('192.0.2.101', { preferredNode: 'edge-1' })] },
      'spread-with-preferred-nodes: spread places addresses without a preferredNode, but each one has a preferredNode, got ["edge-2","edge-1"]; omit spread'],
    ['spread beside priorities', { spread: true, nodes: EdgeNodes.of({ hostname: 'a', address: '192.0.2.1', priority: 9 }, { hostname: 'b', address: '192.0.2.2' }) }, 'spread-with-priority'],
    ['an IPv6 address on IPv4 nodes', { virtualAddresses: [of('2001:db8::100')] }, 'address-family: virtual address 2001:db8::100 needs an IPv6 address on every node; give every node an ipv6Address'],
    ['an IPv4 address on IPv6 nodes', { nodes: EdgeNodes.of({ hostname: 'a', address: '2001:db8::1' }, { hostname: 'b', address: '2001:db8::2' }) }, 'address-family: virtual address 192.0.2.100 needs an IPv4 address on every node'],
    ['an IPv6 address beside two IPv4 ones', { virtualAddresses: [of('192.0.2.100'), of('192.0.2.101'), of('2001:db8::100')] }, 'address-family: one virtual IP cannot have separate IPv4 and IPv6 addresses'],
    ['an IPv6 address beside an IPv4 one', { nodes: DUAL_STACK, virtualAddresses: [of('192.0.2.100'), of('2001:db8::100')] }, 'address-family: one virtual IP cannot have separate IPv4 and IPv6 addresses, got "2001:db8::100"; pair them: VirtualAddress.of(ipv4, { ipv6Address })'],
    ['an image with a brace', { image: 'a}b' }, 'image-invalid'],
  ])('fails for %s', (_, props, expected) => {
    const chart = chartOf();
    expect(messageOf(() => new KeepalivedVip(chart, 'vip', { ...MINIMAL, ...props }))).toContain(`[edge/vip] ${expected}`);
  });

  test.each<[string, Partial<KeepalivedVipProps>]>([
    ['spread', { spread: true }], ['a preferred node', { virtualAddresses: [of('192.0.2.100', { preferredNode: 'edge-1' })] }],
  ])('fails once for %s over unlisted nodes', (_, props) =>
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { ...MINIMAL, nodes: EdgeNodes.labeled({ role: 'edge' }), ...props })).split('\n')).toHaveLength(1));
  test.each([
    [255, [255], 1],
    [1, [1, 2, 3], 4],
    [255, [255, 1], 2],
  ])('fails for the router id %d beside %j, and names %d', (taken, used, free) => {
    const virtualAddresses = [taken, ...used].map((vrid, index) => of(`192.0.2.${100 + index}`, { vrid }));
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { ...MINIMAL, virtualAddresses }))).toContain(`vrid-clash: 192.0.2.100 and 192.0.2.101 have the same VRID, got ${taken}; give one of them a VRID that nothing else on the network has, such as: VirtualAddress.of(address, { vrid: ${free} })`);
  });
  test('fails for more addresses than there are router ids', () => {
    const virtualAddresses = Array.from({ length: 256 }, (_, index) => of(`198.51.${index}.1`, { vrid: index % 255 + 1 }));
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { ...MINIMAL, virtualAddresses }))).toContain('got 1; use fewer virtual addresses: all 255 VRIDs are taken');
  });
  test('fails with all problems of the props and of the elections together', () =>
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', {
      ...MINIMAL, networkInterface: 'eth 0', preemptDelay: Duration.seconds(5), advertInterval: Duration.millis(0.5), nodes: EdgeNodes.named('a'), image: 'a}b',
    })).split('\n').map(line => line.split(': ')[0])).toEqual(
      ['nodes-too-few', 'interface-invalid', 'preempt-without-preferred-node', 'duration-out-of-range', 'image-invalid'].map(code => `[edge/vip] ${code}`)));
  test('fails for the address of a node, and does not propose other nodes', () =>
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { ...MINIMAL, virtualAddresses: [of('192.0.2.11')] }))).toMatch(/address-of-node.*; choose a virtual address that nothing else has$/));
  test('fails with each address of the wrong family, and each node with a priority', () => {
    const nodes = EdgeNodes.of(...[1, 2].map(index => ({ hostname: `n${index}`, address: `192.0.2.${index}`, priority: index })));
    const virtualAddresses = [of('192.0.2.100'), of('2001:db8::1'), of('2001:db8::2')];
    expect(messageOf(() => new KeepalivedVip(chartOf(), 'vip', { ...MINIMAL, nodes, virtualAddresses, spread: true })).split('\n').map(line => line.split(';')[0].slice(11))).toEqual([
      ...['2001:db8::1', '2001:db8::2'].map(address => `address-family: one virtual IP cannot have separate IPv4 and IPv6 addresses, got "${address}"`),
      ...['2001:db8::1', '2001:db8::2'].map(address => `address-family: virtual address ${address} needs an IPv6 address on every node`),
      ...[1, 2].map(index => `spread-with-priority: spread sets the priorities, but node n${index} has a priority, got ${index}`),
    ]);
  });
  test('an address is spread over as many nodes as there are', () => {
    const many = EdgeNodes.of(...Array.from({ length: 260 }, (_, index) => ({ hostname: `n${index}`, address: `10.0.${Math.floor(index / 128)}.${1 + index % 128}` })));
    const priorities = [...config(vipOf({ nodes: many, spread: true })).matchAll(/priority (\d+)/g)].map(match => Number(match[1]));
    expect(Math.min(...priorities)).toBe(1);
  });

  test('fails for a virtual address that is a node\'s own elsewhere in the App', () => {
    const chart = chartOf();
    new FrontEnvoy(chart, 'other', { ...frontProps(chart), nodes: EdgeNodes.of({ hostname: 'c', address: '192.0.2.100' }) });
    new KeepalivedVip(chart, 'vip', MINIMAL);
    expect(messageOf(() => synth(chart))).toContain('[edge/vip] address-of-node: 192.0.2.100 is a virtual address of edge/vip and the address of a node of edge/other');
  });
});
