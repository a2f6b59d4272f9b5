// interfaces, addresses and ports of the edge nodes, as their probes found them
import { Check, Fault } from '../check';
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { VirtualIp } from '../edge/virtual-ip';
import { guardedPorts, isPodOf, nodesFor, Workload } from '../edge/workload';
import { Facts, NodeFacts } from '../facts';

/** The interfaces that a virtual IP needs on a node: that of the adverts, and those of the addresses. */
function interfacesOf({ instances }: VirtualIp, node: string): string[] {
  const ofAddresses = instances.flatMap(({ addresses }) => addresses).flatMap(({ networkInterface }) => networkInterface ?? []);
  return [...new Set([...instances.map(({ interfaceOn }) => interfaceOn(node)), ...ofAddresses])];
}

/** Nodes with the virtual IPs that run there. */
export function placesOf({ virtualIps }: Edge, { cluster, nodes }: Facts): { readonly vip: VirtualIp; readonly node: NodeFacts }[] {
  return virtualIps.flatMap(vip => {
    const names = nodesFor(vip.workload, cluster.nodes).map(({ metadata }) => metadata.name);
    return nodes.filter(({ node }) => names.includes(node)).map(node => ({ vip, node }));
  });
}

/** interface-missing */
export const interfaceMissing: Check = {
  code: 'interface-missing',
  severity: 'problem',
  finds: 'an edge node without a network interface that the virtual IP needs',
  run: (edge, facts) => placesOf(edge, facts).flatMap(({ vip, node }) => interfacesOf(vip, node.node)
    .filter(name => !node.interfaces.some(one => one.name === name)).map(name => ({
      subject: `node ${node.node}`,
      what: `it has no network interface ${name}, and keepalived cannot hold an address there`,
      got: node.interfaces.map(one => one.name).join(', '),
      fix: 'give networkInterface of the virtual IP, or of the node in EdgeNodes.of() (see: ip -br address)',
    }))),
};

/** interface-down */
export const interfaceDown: Check = {
  code: 'interface-down',
  severity: 'problem',
  finds: 'an interface of the virtual IP without a carrier',
  run: (edge, facts) => placesOf(edge, facts).flatMap(({ vip, node }) => node.interfaces
    .filter(({ name, state }) => interfacesOf(vip, node.node).includes(name) && /down|dormant|notpresent/.test(state)).map(({ name, state }) => ({
      subject: `node ${node.node}`, what: `its network interface ${name} has no carrier`, got: state, fix: `look at the cable and the switch, or: ip link set ${name} up`,
    }))),
};

/** node-address */
export const nodeAddress: Check = {
  code: 'node-address',
  severity: 'problem',
  finds: 'an edge node that does not have the address that the manifests give it',
  run: (_, { nodes }) => nodes.flatMap(({ node, unbound }) => unbound.map(address => ({
    subject: `node ${node}`,
    what: `it does not have the address ${address}, from which it sends adverts`,
    fix: 'give its own address to EdgeNodes.of() (see: kubectl get nodes -o wide)',
  }))),
};

/** mtu-differs */
export const mtuDiffers: Check = {
  code: 'mtu-differs',
  severity: 'problem',
  finds: 'edge nodes whose interfaces of the virtual IP have different MTUs',
  run: (edge, facts) => edge.virtualIps.flatMap(vip => {
    const here = placesOf(edge, facts).filter(place => place.vip === vip).map(({ node }) => node);
    const names = (node: string) => interfacesOf(vip, node);
    return names(here[0]?.node ?? '').flatMap((_, index): Fault[] => {
      const found = here.flatMap(({ node, interfaces }) => interfaces.filter(one => one.name === names(node)[index]).map(one => ({ node, ...one })));
      return new Set(found.map(({ mtu }) => mtu)).size < 2 ? [] : [{
        subject: `DaemonSet ${vip.workload.namespace}/${vip.workload.name}`,
        what: 'the MTU differs between its nodes: after a move of the address, large packets can be lost',
        got: found.map(({ node, name, mtu }) => `${node} ${name} ${mtu}`).join(', '),
        fix: 'give these interfaces the same MTU as the other machines of their network',
      }];
    });
  }),
};

/** Pods of a workload on a node, before or after the node was probed. */
export function podsAround(workload: Workload, node: string, { cluster, podsAfterProbes }: Facts): KubeObject[] {
  return [...cluster.pods, ...podsAfterProbes].filter(pod => isPodOf(workload, pod) && pod.spec.nodeName === node);
}

/** Ports that pods of the edge have on a node. A pod that port-guard holds back is Pending and has none. */
function ownPorts({ workloads }: Edge, facts: Facts, node: string): number[] {
  return workloads.filter(({ hostNetwork }) => hostNetwork).flatMap(workload => podsAround(workload, node, facts)
    .filter(({ status }) => status?.phase === 'Running')
    .flatMap(pod => workload.role === 'front-proxy' ? guardedPorts(pod) : workload.hostPorts));
}

/** port-taken */
export const portTaken: Check = {
  code: 'port-taken',
  severity: 'problem',
  finds: 'a process of an edge node that listens on a port of the edge',
  run: (edge, facts) => facts.nodes.flatMap(({ node, listeners }) => {
    const own = ownPorts(edge, facts, node);
    return listeners.filter(port => !own.includes(port)).map(port => ({
      subject: `node ${node}`,
      what: `a process listens on TCP port ${port}, which the edge needs`,
      fix: `find it on the node with: ss -ltnp 'sport = :${port}'; end it, or give the edge another port (docs/prerequisites.md)`,
    }));
  }),
};

/** port-redirected */
export const portRedirected: Check = {
  code: 'port-redirected',
  severity: 'problem',
  finds: 'a port of the edge without a listener that answers: a rule redirects it',
  run: (_, { nodes }) => nodes.flatMap(({ node, redirected }) => redirected.map(({ port, address }) => ({
    subject: `node ${node}`,
    what: `TCP port ${port} of ${address} answers, though nothing listens there: a rule redirects it before the edge gets a connection`,
    fix: 'find the rule: kubectl get services,pods -A -o wide; nft list ruleset; iptables-save -t nat (docs/prerequisites.md, Ports of the node)',
  }))),
};
