// what each node is asked, the pod that asks it, and how its output is read
import { healthy, NODES, objectsOf } from './healthy';
import { edgeOf } from '../../packages/doctor/src/edge/edge';
import { instancesIn } from '../../packages/doctor/src/edge/keepalived-conf';
import { describePods } from '../../packages/doctor/src/nodes/ask-nodes';
import { argumentsOf, nodesToProbe, planProbes } from '../../packages/doctor/src/nodes/plan';
import { podOf, podSource, PROGRAM } from '../../packages/doctor/src/nodes/pod';
import { readProbe } from '../../packages/doctor/src/nodes/read-probe';
import { EXAMPLE_NAMES } from '../support/examples';

const edge = edgeOf(objectsOf('ha-edge'));
const [first, second] = planProbes(edge, nodesToProbe(edge, NODES).ready);

test('edge nodes are asked, other nodes are not', () => expect([first.node, second.node, planProbes(edge, nodesToProbe(edge, NODES).ready).length]).toEqual(['edge-1', 'edge-2', 2]));

test('a node that is not ready is not asked', () => {
  const nodes = structuredClone(NODES);
  nodes[0].status.conditions = [{ type: 'Ready', status: 'Unknown' }];
  expect(nodesToProbe(edge, nodes)).toEqual({ ready: [nodes[1]], unready: [nodes[0]] });
});

test('a node is asked for ports, settings, the address and its peer', () => expect(argumentsOf(second)).toEqual([
  '2', '5', '20', '1', '80,443,340', '192.0.2.12',
  'net/ipv4/tcp_migrate_req,net/ipv4/tcp_tw_reuse,net/ipv4/ip_local_port_range,net/ipv4/ip_local_reserved_ports,'
  + 'net/ipv4/neigh/eth0/retrans_time_ms,net/ipv4/conf/all/rp_filter,net/ipv4/conf/eth0/rp_filter',
  '192.0.2.100%eth0', 'eth0%192.0.2.12%192.0.2.11',
]));

const CONFIGURATION = `
vrrp_instance inside {
  virtual_router_id 7
  advert_int 3.5
  @edge-1 interface bond0.100
  @edge-2 interface enp3s0
  virtual_ipaddress {
    192.0.2.7/32 dev eth1
  }
  virtual_ipaddress_excluded {
    2001:db8::7/128
  }
}
`;

test('interfaces of each node, other interfaces of addresses, and multicast are read', () => {
  const [instance] = instancesIn(CONFIGURATION);
  expect(instance).toMatchObject({ name: 'inside', virtualRouterId: 7, advertSeconds: 3.5, sources: {} });
  expect(instance.addresses).toEqual([{ address: '192.0.2.7', networkInterface: 'eth1' }, { address: '2001:db8::7' }]);
  expect([instance.interfaceOn('edge-1'), instance.interfaceOn('edge-2')]).toEqual(['bond0.100', 'enp3s0']);
  const multicast = { ...edge, virtualIps: edge.virtualIps.map(vip => ({ ...vip, instances: [instance] })) };
  expect(planProbes(multicast, NODES.slice(0, 2))[0]).toMatchObject({
    listenSeconds: 11, tests: ['bond0.100%-%224.0.0.18'], questions: ['192.0.2.7%eth1', '2001:db8::7%bond0.100'], peers: [{ node: 'edge-2', family: 'IPv4' }],
  });
});

test('kubelet does not change the program: it has no two dollar signs in a row, and no dollar sign before a parenthesis', () =>
  expect(PROGRAM).not.toMatch(/\$\$|\$\(/));

test('the pod has the host\'s network, and no privilege but NET_RAW', () => {
  const { metadata, spec } = podOf(first, podSource(edge, {})!, 'run');
  expect(metadata).toMatchObject({ name: 'run-1', namespace: 'istio-ingress' });
  expect(spec).toMatchObject({ nodeName: 'edge-1', hostNetwork: true, restartPolicy: 'Never', automountServiceAccountToken: false });
  expect(spec.containers[0].securityContext).toEqual({
    runAsUser: 0, allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
  });
});

test.each(EXAMPLE_NAMES)('%s: the image of the pod is one of the manifests\' own that has perl', example => {
  const source = podSource(edgeOf(objectsOf(example)), {});
  expect(source?.image).toMatch(/^docker\.io\/(envoyproxy\/envoy|library\/haproxy|library\/nginx|istio\/proxyv2):/);
});

test('the user can choose image and namespace', () =>
  expect(podSource(edge, { image: 'registry.example.com/perl:5', namespace: 'tools' })).toMatchObject({ image: 'registry.example.com/perl:5', namespace: 'tools' }));

test('the user sees the whole first pod, and what differs in the others', () => {
  const text = describePods([first, second], podSource(edge, {})!, 'run');
  expect(text).toContain('use strict;');
  expect(text).toMatch(/nodeName: edge-1/);
  expect(text).toMatch(/# the same on edge-2: run-2, with the arguments 2 5 20 1 80,443,340 /);
});

test('every line of the output is read', () => {
  const output = [
    'interface eth0 1500 up 02:00:00:00:00:01', 'setting net/ipv4/ip_local_port_range 32768\t60999', 'setting net/ipv4/ip_local_reserved_ports ', 'listener 443', 'redirected 80 192.0.2.11',
    'unbound 192.0.2.9', 'unbound 192.0.2.9', 'answer 2001:db8::100 02:00:00:00:00:02', 'advert eth0 192.0.2.250 7 02:00:00:00:00:03', 'heard 2 4', 'heard 2 6', 'heard 77 4', '',
  ].join('\n');
  expect(readProbe(output, first, new Map([[2, 'edge-2']]))).toEqual({
    node: 'edge-1',
    interfaces: [{ name: 'eth0', mtu: 1500, state: 'up', hardwareAddress: '02:00:00:00:00:01' }],
    settings: { 'net/ipv4/ip_local_port_range': '32768 60999', 'net/ipv4/ip_local_reserved_ports': '' },
    listeners: [443],
    redirected: [{ port: 80, address: '192.0.2.11' }],
    unbound: ['192.0.2.9'],
    answers: [{ address: '2001:db8::100', hardwareAddress: '02:00:00:00:00:02' }],
    adverts: [{ networkInterface: 'eth0', source: '192.0.2.250', virtualRouterId: 7, hardwareAddress: '02:00:00:00:00:03' }],
    peers: [{ node: 'edge-2', family: 'IPv4' }],
    heard: [{ node: 'edge-2', family: 'IPv4' }, { node: 'edge-2', family: 'IPv6' }],
  });
});

test('the facts of the tests have what the probes ask for', () =>
  expect(healthy(objectsOf('ha-edge')).nodes.map(({ node, settings }) => [node, Object.keys(settings)])).toEqual([first, second].map(({ node, settings }) => [node, [...settings]])));
