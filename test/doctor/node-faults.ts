// faults that probes of the nodes find
import type { FaultCase, NoFaultCase } from './faults';
import type { Changeable } from './healthy';
import type { Facts, NodeFacts } from '../../packages/doctor/src/facts';
import { FRONT_SETTINGS } from '../../packages/doctor/src/nodes/plan';

const STRANGER = '02:00:00:00:00:99';
const VIP = '192.0.2.100';

/** Changes what the probe of edge-2 found. */
const onEdge2 = (change: (node: Changeable<NodeFacts>) => void) => ({ nodes }: Changeable<Facts>) => change(nodes.find(({ node }) => node === 'edge-2')!);

const withSetting = (file: string, value: string) => onEdge2(({ settings }) => { settings[file] = value; });

const advert = (virtualRouterId: number, source = '192.0.2.250', networkInterface = 'eth0') => onEdge2(({ adverts }) => {
  adverts.push({ networkInterface, source, virtualRouterId, hardwareAddress: STRANGER });
});

export const nodeFaults: FaultCase[] = [
  { code: 'clock-differs', name: 'no time server', make: ({ cluster }) => { cluster.clocks[1].aheadSeconds = -90; }, says: /node edge-2.*90 s behind/ },
  {
    code: 'interface-missing', name: 'another name of the interface', make: onEdge2(node => Object.assign(node, { interfaces: [{ ...node.interfaces[0], name: 'enp3s0' }], heard: [] })),
    says: /node edge-2 \| it has no network interface eth0.*enp3s0/,
  },
  {
    code: 'interface-missing', name: 'no interface of an address', make: (_, objects) => {
      const { data } = objects.find(one => one.data?.['keepalived.conf'])!;
      data['keepalived.conf'] = data['keepalived.conf'].replace(`${VIP}/32`, `${VIP}/32 dev eth1`);
    },
    says: /node edge-2 \| it has no network interface eth1/,
  },
  { code: 'interface-down', name: 'no cable', make: onEdge2(node => { node.interfaces[0].state = 'lowerlayerdown'; }), says: /node edge-2.*eth0.*lowerlayerdown/ },
  { code: 'node-address', name: 'another address', make: onEdge2(node => Object.assign(node, { unbound: ['192.0.2.12'], heard: [] })), says: /node edge-2 \| it does not have the address 192\.0\.2\.12/ },
  {
    code: 'node-address', name: 'another address, and no advert from the other node', says: /node edge-2 \| it does not have the address 192\.0\.2\.12/,
    make: ({ nodes }) => nodes.forEach(one => Object.assign(one, { heard: [], unbound: one.node === 'edge-2' ? ['192.0.2.12'] : [] })),
  },
  { code: 'mtu-differs', name: 'jumbo frames on one node', make: onEdge2(node => { node.interfaces[0].mtu = 9000; }), says: /edge-1 eth0 1500, edge-2 eth0 9000/ },
  { code: 'port-taken', name: 'a process before the edge is applied', make: onEdge2(node => { node.listeners = [443]; }), says: /node edge-2 \| a process listens on TCP port 443/ },
  {
    code: 'port-taken', name: 'a process on a port that no pod of the edge has', applied: true,
    make: ({ cluster }) => { cluster.pods = cluster.pods.filter(({ metadata }) => metadata.name !== 'edge-front-envoy-1'); }, says: /node edge-2.*443/,
  },
  {
    code: 'port-taken', name: 'a process for which port-guard holds the front proxy back', applied: true, also: ['pod-not-ready'], make: ({ cluster }) => {
      cluster.pods.find(({ metadata }) => metadata.name === 'edge-front-envoy-1')!.status = {
        phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }],
        initContainerStatuses: [{ name: 'port-guard', ready: false, restartCount: 0, state: { running: {} } }],
      };
    },
    says: /node edge-2 \| a process listens on TCP port 443/,
  },
  { code: 'port-redirected', name: 'servicelb', make: onEdge2(node => { node.redirected = [{ port: 443, address: '192.0.2.12' }]; }), says: /node edge-2.*443 of 192\.0\.2\.12 answers/ },
  {
    code: 'address-taken', name: 'a printer', make: onEdge2(node => { node.answers = [{ address: VIP, hardwareAddress: STRANGER }]; }),
    says: /address 192\.0\.2\.100 \| another machine answers for it \| hardware address 02:00:00:00:00:99/,
  },
  {
    code: 'address-taken', name: 'an address that keepalived has left on a node', make: onEdge2(node => { node.answers = [{ address: VIP, hardwareAddress: '02:00:00:00:00:01' }]; }),
    says: /a node has it.*node edge-1.*ip address del 192\.0\.2\.100\/32/,
  },
  { code: 'vrid-used', name: 'a router of the network', make: advert(100), says: /VRID 100 \| another router.*192\.0\.2\.250/ },
  { code: 'vrid-used', name: 'a node of the cluster that is not of the edge', make: advert(100, '192.0.2.21'), says: /192\.0\.2\.21/ },
  { code: 'vrrp-blocked', name: 'a firewall in one direction', make: onEdge2(node => { node.heard = []; }), says: /node edge-2 \| VRRP.*IPv4\) from edge-1 does not arrive.*rp_filter = 1 on eth0/ },
  {
    code: 'vrrp-blocked', name: 'a firewall that lets IPv4 through only', make: onEdge2(node => { node.peers = [...node.heard, { node: 'edge-1', family: 'IPv6' }]; }),
    says: /node edge-2 \| VRRP \(IP protocol 112, IPv6\) from edge-1/,
  },
  { code: 'tcp-migrate-req', name: 'the kernel\'s default', make: withSetting(FRONT_SETTINGS.migrate, '0'), says: /tcp_migrate_req = 0/ },
  { code: 'tcp-migrate-req', name: 'an old kernel', make: onEdge2(({ settings }) => { delete settings[FRONT_SETTINGS.migrate]; }), says: /older than 5\.14/ },
  { code: 'tcp-tw-reuse', name: 'the kernel\'s default', make: withSetting(FRONT_SETTINGS.reuse, '2'), says: /at most 912 new connections.*tcp_tw_reuse = 2/ },
  { code: 'ephemeral-ports', name: 'the kernel\'s default', make: withSetting(FRONT_SETTINGS.range, '32768 60999'), says: /28232 connections.*32768 60999/ },
  { code: 'reserved-ports', name: 'kubelet\'s ports are not reserved', make: withSetting(FRONT_SETTINGS.reserved, '15000-15090,30000-32767'), says: /missing are 10248-10260/ },
  { code: 'reserved-ports', name: 'Istio\'s ports are not reserved', make: withSetting(FRONT_SETTINGS.reserved, '10248-10260,30000-32767'), says: /missing are 15000-15090/ },
  {
    code: 'retrans-time', name: 'the kernel\'s default', make: withSetting('net/ipv4/neigh/eth0/retrans_time_ms', '1000'),
    says: /net\.ipv4\.neigh\.eth0\.retrans_time_ms = 1000 \| set net\.ipv4\.neigh\.eth0\.retrans_time_ms = 100 on/,
  },
];

/** A pod that is only in the second list. */
function startsLate(facts: Changeable<Facts>, pod: string): void {
  facts.podsAfterProbes = facts.cluster.pods;
  facts.cluster.pods = facts.cluster.pods.filter(({ metadata }) => metadata.name !== pod);
}

/** A pod that is only in the first list. */
function endsEarly(facts: Changeable<Facts>, pod: string): void {
  facts.podsAfterProbes = facts.cluster.pods.filter(({ metadata }) => metadata.name !== pod);
}

export const nodeNoFaults: NoFaultCase[] = [
  { name: 'another router with another VRID', make: advert(101) },
  { name: 'the same VRID in the other address family', make: advert(100, 'fe80::99') },
  { name: 'the same VRID on another network', make: advert(100, '192.0.2.250', 'eth1') },
  { name: 'an advert of the other node', make: advert(100, '192.0.2.11') },
  { name: 'the holder is a node that was not probed', applied: true, make: ({ nodes }) => { nodes.splice(nodes.findIndex(({ node }) => node === 'edge-1'), 1); } },
  { name: 'a front proxy that starts while the nodes are probed', applied: true, make: facts => startsLate(facts, 'edge-front-envoy-1') },
  { name: 'a front proxy that ends while the nodes are probed', applied: true, make: facts => endsEarly(facts, 'edge-front-envoy-1') },
  { name: 'a keepalived that starts and takes the address while the nodes are probed', applied: true, make: facts => startsLate(facts, 'edge-vip-0') },
  { name: 'a keepalived that ends while the nodes are probed', applied: true, make: facts => endsEarly(facts, 'edge-vip-0') },
  { name: 'the pod of the holder does not answer', applied: true, make: ({ cluster }) => { cluster.keepalived[0].states = undefined; } },
  { name: 'ephemeral ports above all listeners', make: ({ nodes }) => nodes.forEach(({ settings }) => Object.assign(settings, { [FRONT_SETTINGS.range]: '11000 61999', [FRONT_SETTINGS.reserved]: '15000-15090,30000-32767' })) },
  { name: 'a clock that differs by less than the Lease can show', make: ({ cluster }) => { cluster.clocks[0].aheadSeconds = 2; } },
];
