// a second network on its own switch: the client and each edge node have an interface and an address there

import { Cluster } from './cluster';
import { undo } from './commands';
import { PREFIX } from './machine';
import { batch, withSettings } from './network';
import { Node } from './node';
import { CLIENT, LAN } from './topology';

/** Interface of the nodes and of the client on the second network. */
export const SECOND_INTERFACE = 'eth1';
const CLIENT_ADDRESS = '198.51.100.50/24';

/** As RHEL and kube-proxy's strictARP set them: no packets or ARP for another interface. */
const STRICT = { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' };

/** Runs some work with the second network, and with strict settings on the edge nodes. */
export async function withSecondNetwork<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  const edges = cluster.edges.map(({ name }) => name);
  try {
    await lay(edges);
    return await withSettings(edges, STRICT, work);
  } finally {
    await undo(() => remove([...edges, CLIENT]));
  }
}

/** Takes the carrier of a node's interface on the second network away, or gives it back. */
export async function secondCable({ name }: Node, state: 'up' | 'down'): Promise<void> {
  await batch([`link set ${portOf(name)} ${state}`], LAN);
}

async function lay(edges: string[]): Promise<void> {
  await batch([...edges, CLIENT].map(name =>
    `link add ${portOf(name)} netns ${PREFIX}-${LAN} type veth peer name ${SECOND_INTERFACE} netns ${PREFIX}-${name}`));
  await batch([
    'link add br1 type bridge forward_delay 0 mcast_snooping 0', 'link set br1 up',
    ...[...edges, CLIENT].map(name => `link set ${portOf(name)} master br1 up`),
  ], LAN);
  const addresses = [[CLIENT, CLIENT_ADDRESS], ...edges.map((name, i) => [name, `198.51.100.${11 + i}/24`])];
  await Promise.all(addresses.map(async ([name, address]) =>
    batch([`link set ${SECOND_INTERFACE} up`, `addr add ${address} dev ${SECOND_INTERFACE}`], name)));
}

async function remove(machines: string[]): Promise<void> {
  await batch([...machines.map(name => `link del ${portOf(name)}`), 'link del br1'], LAN);
}

function portOf(machine: string): string {
  return `w-${machine}`;
}
