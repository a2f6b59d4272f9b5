// each thing that can be wrong with a VRRP model, in the words that the user reads
import { checkKeepalived } from '../../../src/engines/keepalived/check';
import type { KeepalivedModel, LocalCheck, VrrpInstance } from '../../../src/engines/keepalived/model';
import { describeProblem } from '../../../src/validation/problem';
import { vip as activeActive } from '../golden/vip-active-active/model';
import { vip as dualStack } from '../golden/vip-dual-stack/model';
import { vip as ipv6 } from '../golden/vip-ipv6/model';
import { vip as multicast } from '../golden/vip-multicast/model';
import { vip as unicast } from '../golden/vip-unicast/model';

const problems = (model: KeepalivedModel) => checkKeepalived(model).map(problem => describeProblem(problem));
const instance = (change: Partial<VrrpInstance>, model = unicast): KeepalivedModel => (
  { ...model, instances: model.instances.map(given => ({ ...given, ...change })) });
const check = (change: Partial<LocalCheck>): KeepalivedModel => ({ ...unicast, checks: [{ ...unicast.checks[0], ...change }] });
const [first] = unicast.instances;
const second = (change: Partial<VrrpInstance>): KeepalivedModel => (
  { ...unicast, instances: [first, { ...first, name: 'second', virtualRouterId: 7, addresses: ['192.0.2.7'], ...change }] });

test.each(Object.entries({ unicast, multicast, dualStack, activeActive, ipv6 }))('nothing is wrong with golden %s', (_, model) => {
  expect(problems(model)).toEqual([]);
});

test('a model without checks is fine until synthesis: listeners are tracked later', () => {
  expect(problems({ ...unicast, checks: [] })).toEqual([]);
});

test('all problems are reported together', () => {
  const model = { ...instance({ virtualRouterId: 0, advertCentiseconds: 0 }), nodes: [], runDirectory: 'run' };
  expect(checkKeepalived(model).map(problem => problem.code))
    .toEqual(['vrid-out-of-range', 'advert-out-of-range', 'node-unknown', 'node-unknown', 'run-directory-invalid']);
});

const INTEGERS = (from: number, to: number) => `allowed are whole numbers from ${from} to ${to}`;

test.each<[string, KeepalivedModel, string[]]>([
  ['router id 0', instance({ virtualRouterId: 0 }),
    [`vrid-out-of-range: virtual router id of "vip-100" is out of range, got 0; ${INTEGERS(1, 255)}`]],
  ['router id 256', instance({ virtualRouterId: 256 }),
    [`vrid-out-of-range: virtual router id of "vip-100" is out of range, got 256; ${INTEGERS(1, 255)}`]],
  ['an advert interval over 40.95 s', instance({ advertCentiseconds: 4096 }),
    [`advert-out-of-range: advert interval of "vip-100", in hundredths of a second, is out of range, got 4096; ${INTEGERS(1, 4095)}`]],
  ['priority 255', instance({ priorities: { 'edge-1': 255 } }),
    [`priority-out-of-range: priority of "vip-100" is out of range, got 255; ${INTEGERS(1, 254)}`]],
  ['a long preempt delay', instance({ preempt: true, preemptDelaySeconds: 1001 }),
    [`preempt-delay-out-of-range: preempt delay of "vip-100", in seconds, is out of range, got 1001; ${INTEGERS(0, 1000)}`]],
  ['preemption without a better node', instance({ preempt: true, priorities: {} }),
    ['preempt-without-home: "vip-100" preempts, but no node has a higher priority than the others, got {}; '
      + 'give its home node the highest priority, or turn preemption off']],
  ['different homes without preemption', second({ priorities: { 'edge-1': 1, 'edge-2': 2 } }),
    [['vip-100', 'edge-1'], ['second', 'edge-2']].map(([name, home]) => (
      `spread-without-preempt: the addresses have different home nodes, but "${name}" would never go back to its own, got "${home}"; `
      + 'turn preemption on, with a delay of 30 s for example, or give all addresses the same priorities'))],
  ['no address', instance({ addresses: [] }), ['address-missing: "vip-100" has no ipv4 address; give at least one']],
  ['an IPv6 address in an IPv4 instance', instance({ addresses: ['2001:db8::1'] }),
    ['address-family: address of "vip-100" is not an IPv4 address, got "2001:db8::1"; give an IPv4 address here']],
  ['an excluded address of the own family', instance({ excludedAddresses: ['192.0.2.7'] }),
    ['address-family: excluded address of "vip-100" is not an IPv6 address, got "192.0.2.7"; give an IPv6 address here']],
  ['a router id twice', second({ virtualRouterId: 100 }), ['vrid-clash: "vip-100" and "second" have the same virtual router id, got 100; '
    + '101 is free here; give it to one of them, if nothing else on the network has it']],
  ['an address twice', second({ addresses: ['192.0.2.100'] }),
    ['address-twice: virtual addresses lists one twice, got "192.0.2.100"; list each once']],
  ['an address in two spellings', instance({ excludedAddresses: ['2001:db8::7', '2001:DB8:0::7'] }),
    ['address-twice: virtual addresses lists one twice, got "2001:db8::7"; list each once']],
  ['an address of a node', instance({ addresses: ['192.0.2.12'] }),
    ['address-of-node: virtual address is the address of node edge-2, got "192.0.2.12"; choose one that nothing has']],
  ['an excluded address of a node, in another spelling', instance({ excludedAddresses: ['2001:db8:0::11'] }, dualStack),
    ['address-of-node: virtual address is the address of node edge-1, got "2001:db8::11"; choose one that nothing has']],
  ['an instance name twice', second({ name: 'vip-100' }),
    ['instance-twice: names of the VRRP instances lists one twice, got "vip-100"; list each once']],
  ['no instance', { ...unicast, instances: [] }, ['list-empty: names of the VRRP instances is empty; give at least one']],
  ['an unknown node', instance({ networkInterfaces: { 'edge-9': 'eth0' } }),
    ['node-unknown: "vip-100" names a node that is not among the nodes, got "edge-9"; name one of the nodes']],
  ['one node', { ...instance({ priorities: {} }), nodes: unicast.nodes.slice(0, 1) },
    ['nodes-too-few: there is only one node, and nobody to take the address over, got "edge-1"; give two or more, or leave the virtual IP out']],
  ['a node twice', { ...unicast, nodes: [...unicast.nodes, { id: 'edge-2', ipv4: '192.0.2.13' }] },
    ['node-name-twice: nodes lists one twice, got "edge-2"; list each once']],
  ['two nodes with one address', { ...unicast, nodes: unicast.nodes.map(node => ({ ...node, ipv4: '192.0.2.11' })) },
    ['address-twice: addresses of the nodes lists one twice, got "192.0.2.11"; list each once']],
  ['a node without address', { ...unicast, nodes: [unicast.nodes[0], { id: 'edge-2' }] },
    ['peer-unreachable: some nodes have an ipv4 address and others have none, got ["edge-2"]; give it to all nodes, or to none']],
  ['a node address of the wrong family', { ...unicast, nodes: [unicast.nodes[0], { id: 'edge-2', ipv4: '2001:db8::12' }] },
    ['address-family: address of node "edge-2" is not an IPv4 address, got "2001:db8::12"; give an IPv4 address here']],
  ['a check name twice', { ...unicast, checks: [unicast.checks[0], unicast.checks[0]] },
    ['check-twice: names of the checks lists one twice, got "front-envoy"; list each once']],
  ['a check path with a space', check({ path: '/a b' }),
    ['check-path-invalid: path of check "front-envoy" cannot be used in a URL as it is, got "/a b"; begin with / and percent-encode the rest']],
  ['a timeout below the interval', check({ timeoutMs: 190 }),
    [`check-timeout-out-of-range: timeoutMs of check "front-envoy" is out of range, got 190; ${INTEGERS(200, 10_000)}`]],
  ['half a millisecond', check({ intervalMs: 0.5 }),
    [`check-interval-out-of-range: intervalMs of check "front-envoy" is out of range, got 0.5; ${INTEGERS(100, 10_000)}`]],
  ['no tries', check({ fall: 0, rise: 0 }),
    ['fall', 'rise'].map(count => `check-count-out-of-range: ${count} of check "front-envoy" is out of range, got 0; ${INTEGERS(1, 100)}`)],
])('fails on %s', (_, model, messages) => {
  expect(problems(model)).toEqual(messages);
});

test.each<[string, KeepalivedModel, string]>([
  ['a node name', { ...instance({ priorities: {} }), nodes: [unicast.nodes[0], { id: 'edge 2', ipv4: '192.0.2.12' }] }, 'node-name-invalid'],
  ['an interface', instance({ defaultNetworkInterface: 'eth0 eth1' }), 'interface-invalid'],
  ['an interface of a node', instance({ networkInterfaces: { 'edge-1': 'averyveryverylongname' } }), 'interface-invalid'],
  ['an address', instance({ addresses: ['192.0.2.100/32'] }), 'address-invalid'],
  ['a loopback address', instance({ addresses: ['127.0.0.1'] }), 'address-unusable'],
  ['the address of a check', check({ address: 'localhost' }), 'address-invalid'],
  ['the interface of the addresses', instance({ addressInterface: 'eth 1' }), 'interface-invalid'],
  ['the second address of a check', check({ secondAddress: 'localhost' }), 'address-invalid'],
  ['the port of a check', check({ port: 0 }), 'port-out-of-range'],
  ['the name of a check', check({ name: 'a b' }), 'name-invalid'],
  ['the name of an instance', instance({ name: 'a b' }), 'name-invalid'],
])('fails on %s that is malformed', (_, model, code) => {
  expect(checkKeepalived(model).map(problem => problem.code)).toEqual([code]);
});

test('a router id is free to be used in the other family', () => {
  expect(problems(second({ family: 'ipv6', virtualRouterId: 100, addresses: ['2001:db8::7'] }))).toEqual([]);
});

test.each([
  [255, [255], '1 is free'],
  [1, [1, 2, 3], '4 is free'],
  [255, [255, 1], '2 is free'],
])('the free id after %d beside %j: %s', (taken, used, text) => {
  const instances = [taken, ...used].map((virtualRouterId, index) => (
    { ...unicast.instances[0], name: `vip-${index}`, addresses: [`192.0.2.${100 + index}`], virtualRouterId }));
  expect(problems({ ...unicast, instances })).toEqual([expect.stringContaining(text)]);
});
