// the network: a bridge in its own namespace, a veth pair to each machine, addresses and routes

import { existsSync, readdirSync } from 'node:fs';
import { run, undo } from './commands';
import { Machine, makeFolder, PREFIX } from './machine';
import {
  Address, CLIENT, CLIENT_ADDRESS, CONTROL_PLANE, CONTROL_PLANE_ADDRESS, GATEWAY, inFamily, INTERFACE, IpFamily, LAN, LAN_PREFIX_LENGTHS, NodeSpec,
} from './topology';

const NAMESPACES = '/run/netns';

/** Kernel settings of a node's network namespace. */
const FORWARD = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' };
/** A load with one connection per request uses up the default range of ports in seconds. */
const MANY_PORTS = { 'net.ipv4.ip_local_port_range': '10240 65000', 'net.ipv4.tcp_tw_reuse': '1' };

export async function layNetwork(nodes: NodeSpec[], family: IpFamily): Promise<void> {
  const machines: [string, Address][] = [
    [CONTROL_PLANE, CONTROL_PLANE_ADDRESS], [CLIENT, CLIENT_ADDRESS], ...nodes.map((node): [string, Address] => [node.name, node]),
  ];
  const names = machines.map(([name]) => name);
  if (!existsSync(NAMESPACES)) makeFolder(NAMESPACES);
  await batch([
    ...[LAN, ...names].map(name => `netns add ${PREFIX}-${name}`),
    ...names.map(name => `link add v-${name} netns ${PREFIX}-${LAN} type veth peer name ${INTERFACE} netns ${PREFIX}-${name}`),
  ]);
  await batch([
    'link set lo up', 'link add br0 type bridge forward_delay 0 mcast_snooping 0', 'link set br0 up',
    ...names.map(name => `link set v-${name} master br0 up`),
  ], LAN);
  await Promise.all(machines.map(([name, address]) => connect(name, address, nodes, family)));
}

async function connect(name: string, address: Address, nodes: NodeSpec[], family: IpFamily): Promise<void> {
  const routesPods = name !== CLIENT;
  const others = nodes.filter(node => node.name !== name);
  await settings(name, { ...MANY_PORTS, ...(routesPods ? FORWARD : {}) });
  await batch([
    'link set lo up', `link set ${INTERFACE} up`,
    ...inFamily(family, [
      `addr add ${address.ipv4}/${LAN_PREFIX_LENGTHS.ipv4} dev ${INTERFACE}`,
      `addr add ${address.ipv6}/${LAN_PREFIX_LENGTHS.ipv6} dev ${INTERFACE} nodad`,
    ]),
    ...inFamily(family, [`route add default via ${GATEWAY.ipv4}`, `route add default via ${GATEWAY.ipv6}`]),
    ...(routesPods ? others : []).flatMap(node => inFamily(family, [
      `route add ${node.podCidrs[0]} via ${node.ipv4}`, `route add ${node.podCidrs[1]} via ${node.ipv6}`,
    ])),
  ], name);
}

/** Changes kernel settings of one machine's network. */
export async function settings(machine: string, values: { [key: string]: string }): Promise<void> {
  await run(new Machine(machine).inNetwork(['sysctl', '-qw', ...Object.entries(values).map(([key, value]) => `${key}=${value}`)]));
}

/** Changes kernel settings for the time of some work, then restores them. */
export async function withSettings<T>(machines: string[], values: { [key: string]: string }, work: () => Promise<T>): Promise<T> {
  const before = await Promise.all(machines.map(async name => [name, await settingsOf(name, Object.keys(values))] as const));
  await Promise.all(machines.map(async name => settings(name, values)));
  try {
    return await work();
  } finally {
    await undo(async () => { await Promise.all(before.map(async ([name, old]) => settings(name, old))); });
  }
}

async function settingsOf(machine: string, keys: string[]): Promise<{ [key: string]: string }> {
  const values = await run(new Machine(machine).inNetwork(['sysctl', '-n', ...keys]));
  return Object.fromEntries(values.trimEnd().split('\n').map((value, i) => [keys[i], value]));
}

/** Names of the lab's namespaces that exist. */
export function namespaces(): string[] {
  return existsSync(NAMESPACES) ? readdirSync(NAMESPACES).filter(name => name.startsWith(`${PREFIX}-`)) : [];
}

/** Pids of all processes in the lab's namespaces. */
export async function pidsInNamespaces(): Promise<number[]> {
  const found = await Promise.all(namespaces().map(name => run(['ip', 'netns', 'pids', name])));
  return found.join('\n').split(/\s+/).filter(pid => pid).map(Number);
}

export async function removeNetwork(): Promise<void> {
  await batch(namespaces().map(name => `netns del ${name}`));
}

/** Runs several `ip` commands in one process: in a machine's network or, without a name, on this host. */
export async function batch(lines: string[], machine?: string): Promise<void> {
  const at = machine ? ['-n', `${PREFIX}-${machine}`] : [];
  await run(['ip', ...at, '-batch', '-'], { input: lines.join('\n') });
}
