// what each edge node is asked: manifests and cluster → arguments of node-probe.pl
import { Edge } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { VirtualIp } from '../edge/virtual-ip';
import { nodesFor } from '../edge/workload';
import { VrrpPeer } from '../facts';

/** What a node is asked. */
export interface NodeProbe {
  /** Name of the node. */
  readonly node: string;
  /** Its number in test packets. */
  readonly number: number;
  /** Seconds to listen, after all peers are heard. */
  readonly listenSeconds: number;
  readonly ports: readonly number[];
  /** The node's own addresses. */
  readonly addresses: readonly string[];
  /** Files below /proc/sys. */
  readonly settings: readonly string[];
  /** `ADDRESS%INTERFACE` */
  readonly questions: readonly string[];
  /** `INTERFACE%SOURCE%DESTINATION` */
  readonly tests: readonly string[];
  readonly peers: readonly VrrpPeer[];
}

/** With three advert intervals it hears every router that has a VRID; five seconds are enough for the default. */
const SHORTEST_LISTEN_SECONDS = 5;
/** Pods on nodes that are slow to start meet within this time. */
const LONGEST_PROBE_SECONDS = 20;

export const FRONT_SETTINGS = {
  migrate: 'net/ipv4/tcp_migrate_req',
  reuse: 'net/ipv4/tcp_tw_reuse',
  range: 'net/ipv4/ip_local_port_range',
  reserved: 'net/ipv4/ip_local_reserved_ports',
};

/** Files of the interface with the adverts. */
export const interfaceSettings = (name: string, family: VrrpPeer['family']) => ({
  retransmission: `net/${family.toLowerCase()}/neigh/${name}/retrans_time_ms`,
  reversePaths: ['net/ipv4/conf/all/rp_filter', `net/ipv4/conf/${name}/rp_filter`],
});

export const familyOf = (address: string): VrrpPeer['family'] => address.includes(':') ? 'IPv6' : 'IPv4';

const isUnready = ({ status }: KubeObject): boolean =>
  (status?.conditions ?? []).some((one: { type: string; status: string }) => one.type === 'Ready' && one.status !== 'True');

/** Edge nodes, and those of them on which no pod can be started now. */
export function nodesToProbe({ workloads }: Edge, nodes: readonly KubeObject[]): { ready: KubeObject[]; unready: KubeObject[] } {
  const onHost = workloads.filter(({ hostNetwork }) => hostNetwork);
  const edgeNodes = nodes.filter(node => onHost.some(workload => nodesFor(workload, [node]).length > 0));
  return {
    ready: edgeNodes.filter(node => !isUnready(node)),
    unready: edgeNodes.filter(isUnready),
  };
}

/** One probe for each node. */
export function planProbes(edge: Edge, nodes: readonly KubeObject[]): NodeProbe[] {
  return nodes.map((node, index) => {
    const { name } = node.metadata;
    const here = edge.workloads.filter(workload => workload.hostNetwork && nodesFor(workload, [node]).length > 0);
    const networks = edge.virtualIps.filter(({ workload }) => here.includes(workload)).flatMap(vip => networksOf(vip, name, nodes));
    const all = <T>(of: (network: Network) => readonly T[]) => [...new Set(networks.flatMap(of))];
    const peers = all(({ peers: own }) => own.map(({ node: peer, family }) => `${peer} ${family}`));
    return {
      node: name,
      number: index + 1,
      listenSeconds: Math.max(SHORTEST_LISTEN_SECONDS, ...all(({ listenSeconds }) => [listenSeconds])),
      ports: [...new Set(here.flatMap(({ hostPorts }) => hostPorts))],
      addresses: ((node.status?.addresses ?? []) as { type: string; address: string }[]).filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
      settings: [...here.some(({ role }) => role === 'front-proxy') ? Object.values(FRONT_SETTINGS) : [], ...all(({ settings }) => settings)],
      questions: all(({ questions }) => questions),
      tests: all(({ tests }) => tests),
      peers: peers.map(text => text.split(' ')).map(([peer, family]) => ({ node: peer, family: family as VrrpPeer['family'] })),
    };
  });
}

type Network = Pick<NodeProbe, 'listenSeconds' | 'settings' | 'questions' | 'tests' | 'peers'>;

/** What each VRRP instance of a virtual IP needs of a node's network. */
function networksOf({ workload, instances }: VirtualIp, node: string, nodes: readonly KubeObject[]): Network[] {
  const others = nodesFor(workload, nodes).map(({ metadata }) => metadata.name).filter(name => name !== node);
  return instances.map(({ advertSeconds, addresses, sources, interfaceOn }) => {
    const own = interfaceOn(node);
    const isUnicast = Object.keys(sources).length > 0;
    const family = familyOf(sources[node] ?? addresses[0].address);
    const files = interfaceSettings(own, family);
    const group = family === 'IPv4' ? '224.0.0.18' : 'ff02::12';
    return {
      listenSeconds: Math.ceil(3 * advertSeconds),
      settings: [files.retransmission, ...files.reversePaths],
      questions: addresses.map(({ address, networkInterface = own }) => `${address}%${networkInterface}`),
      tests: !isUnicast ? [`${own}%-%${group}`] : others.filter(name => sources[node] && sources[name]).map(name => `${own}%${sources[node]}%${sources[name]}`),
      peers: others.filter(name => !isUnicast || (sources[node] && sources[name])).map(name => ({ node: name, family })),
    };
  });
}

const list = (items: readonly (string | number)[]) => items.length === 0 ? '-' : items.join(',');

/** The arguments of node-probe.pl. */
export function argumentsOf({ number, listenSeconds, ports, addresses, settings, questions, tests, peers }: NodeProbe): string[] {
  return [`${number}`, `${listenSeconds}`, `${LONGEST_PROBE_SECONDS}`, `${peers.length}`, list(ports), list(addresses), list(settings), list(questions), list(tests)];
}
