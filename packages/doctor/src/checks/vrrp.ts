// VRRP between the edge nodes, and other machines on their network
import { placesOf, podsAround } from './network';
import { Check, Fault } from '../check';
import { VrrpInstance } from '../edge/keepalived-conf';
import { VirtualIp } from '../edge/virtual-ip';
import { nodesFor } from '../edge/workload';
import { Advert, Facts, NodeFacts, VrrpPeer } from '../facts';
import { familyOf, interfaceSettings } from '../nodes/plan';

/** The node with this hardware address. */
function nodeWith(nodes: readonly NodeFacts[], hardwareAddress: string): string | undefined {
  return nodes.find(({ interfaces }) => interfaces.some(one => one.hardwareAddress === hardwareAddress))?.node;
}

/** Several nodes see the same fault. */
const once = (faults: Fault[]) => [...new Map(faults.map(fault => [`${fault.subject} ${fault.got}`, fault])).values()];

/** address-taken */
export const addressTaken: Check = {
  code: 'address-taken',
  severity: 'problem',
  finds: 'a virtual address that another machine has, or an edge node without keepalived',
  run: (edge, facts) => once(placesOf(edge, facts).flatMap(({ vip, node }) => {
    const unprobed = nodesFor(vip.workload, facts.cluster.nodes).some(({ metadata }) => !facts.nodes.some(one => one.node === metadata.name));
    return node.answers.filter(({ address }) => vip.addresses.includes(address)).flatMap(({ address, hardwareAddress }): Fault[] => {
      const owner = nodeWith(facts.nodes, hardwareAddress);
      // the hardware address of a node without a probe is not known
      const isOurs = owner === undefined ? unprobed : podsAround(vip.workload, owner, facts).length > 0;
      return isOurs ? [] : [{
        subject: `address ${address}`,
        what: owner === undefined ? 'another machine answers for it' : 'a node has it, though keepalived does not run there',
        got: owner === undefined ? `hardware address ${hardwareAddress}` : `node ${owner}`,
        fix: owner === undefined
          ? 'choose an address that is free on this network, also in the ranges of DHCP and of load balancers; or find the machine in the tables of the switch'
          : `remove it there: ip address del ${address}/${address.includes(':') ? 128 : 32} dev INTERFACE`,
      }];
    });
  })),
};

/** vrid-used */
export const vridUsed: Check = {
  code: 'vrid-used',
  severity: 'problem',
  finds: 'another VRRP router on the network that uses a VRID of the edge',
  run: (edge, facts) => once(placesOf(edge, facts).flatMap(({ vip, node }) => vip.instances.flatMap(instance => {
    const { virtualRouterId, addresses } = instance;
    const others = node.adverts.filter(advert => competes(advert, instance, node.node) && !isOfEdge(advert, vip, facts));
    return others.map(({ source, hardwareAddress }) => ({
      subject: `VRID ${virtualRouterId}`,
      what: 'another router on this network uses it',
      got: `${source}, hardware address ${hardwareAddress}`,
      fix: `give VirtualAddress.of('${addresses[0].address}', { vrid }) another number, or change the other router`,
    }));
  }))),
};

/** A VRID is of one network and one address family. */
function competes({ virtualRouterId, networkInterface, source }: Advert, instance: VrrpInstance, node: string): boolean {
  const family = familyOf(instance.sources[node] ?? instance.addresses[0].address);
  return virtualRouterId === instance.virtualRouterId && networkInterface === instance.interfaceOn(node) && familyOf(source) === family;
}

function isOfEdge({ source, hardwareAddress }: Advert, { workload, instances }: VirtualIp, { cluster, nodes }: Facts): boolean {
  const statuses = nodesFor(workload, cluster.nodes).flatMap(({ status }) => (status?.addresses ?? []) as { address: string }[]);
  const addresses = [...statuses.map(({ address }) => address), ...instances.flatMap(({ sources }) => Object.values(sources))];
  return nodeWith(nodes, hardwareAddress) !== undefined || addresses.includes(source);
}

/** vrrp-blocked */
export const vrrpBlocked: Check = {
  code: 'vrrp-blocked',
  severity: 'problem',
  finds: 'an edge node that gets no VRRP packets of another one: both would hold the address',
  run: (edge, facts) => placesOf(edge, facts).flatMap(({ vip, node }) => {
    const places = nodesFor(vip.workload, facts.cluster.nodes).map(({ metadata }) => metadata.name);
    const isHeard = (peer: VrrpPeer) => node.heard.some(one => one.node === peer.node && one.family === peer.family);
    const sends = (name: string) => facts.nodes.some(one => one.node === name && canSend(one, vip));
    const silent = canSend(node, vip) ? node.peers.filter(peer => places.includes(peer.node) && sends(peer.node) && !isHeard(peer)) : [];
    return silent.map(({ node: peer, family }) => ({
      subject: `node ${node.node}`,
      what: `VRRP (IP protocol 112, ${family}) from ${peer} does not arrive: both nodes would hold the address`,
      ...strictFilter(vip.instances.map(({ interfaceOn }) => interfaceOn(node.node)), node),
      fix: 'let protocol 112 pass in the firewalls of both nodes and on the network between them, and do not filter the nodes\' addresses by their source (rp_filter)',
    }));
  }),
};

/** Other checks name what a node without its interface or its address lacks. */
function canSend({ node, interfaces, unbound }: NodeFacts, { instances }: VirtualIp): boolean {
  return unbound.length === 0 && instances.every(({ interfaceOn }) => interfaces.some(({ name }) => name === interfaceOn(node)));
}

/** With the value 1, the kernel drops packets whose way back has another interface. */
function strictFilter(names: readonly string[], { settings }: NodeFacts): { got?: string } {
  const strict = names.find(name => {
    const values = interfaceSettings(name, 'IPv4').reversePaths.map(file => Number(settings[file] ?? 0));
    return Math.max(...values) === 1;
  });
  return strict === undefined ? {} : { got: `rp_filter = 1 on ${strict}` };
}
