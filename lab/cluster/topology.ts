// the machines and their addresses: documentation addresses, the same as in the examples

/** Address families of machines, pods and Services, with kind's names. */
export type IpFamily = 'dual' | 'ipv6';

export interface Address {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A machine that runs a kubelet. */
export interface NodeSpec extends Address {
  readonly name: string;
  /** Node labels beside kubernetes.io/hostname. */
  readonly labels: { [key: string]: string };
  /** Networks of the pods on this node. */
  readonly podCidrs: Pair;
}

/** An IPv4 value and the matching IPv6 value. */
export type Pair = readonly [ipv4: string, ipv6: string];

/** The values that a cluster of this family uses. The first one is Kubernetes' primary family. */
export function inFamily(family: IpFamily, [ipv4, ipv6]: Pair): string[] {
  return family === 'dual' ? [ipv4, ipv6] : [ipv6];
}

/** The address for a program that takes only one. */
export function primary(family: IpFamily, { ipv4, ipv6 }: Address): string {
  return inFamily(family, [ipv4, ipv6])[0];
}

/** The address as it is written before a port: IPv6 in brackets. */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export const CONTROL_PLANE = 'control-plane';
export const CLIENT = 'client';
/** The bridge between the machines. Its own namespace keeps the host's network unchanged. */
export const LAN = 'lan';

export const INTERFACE = 'eth0';
export const POD_CIDRS: Pair = ['10.244.0.0/16', 'fd00:10:244::/48'];
export const SERVICE_CIDRS: Pair = ['10.96.0.0/16', 'fd00:10:96::/112'];
export const KUBERNETES_ADDRESSES: Pair = ['10.96.0.1', 'fd00:10:96::1'];
export const DNS_ADDRESSES: Pair = ['10.96.0.10', 'fd00:10:96::a'];
export const CLUSTER_DOMAIN = 'cluster.local';

/** Default gateway. No machine has it, but without a default route a node cannot connect to Services. */
export const GATEWAY: Address = lanAddress(1);
export const CONTROL_PLANE_ADDRESS: Address = lanAddress(10);
export const CLIENT_ADDRESS: Address = lanAddress(200);
export const LAN_PREFIX_LENGTHS = { ipv4: 24, ipv6: 64 };

/** Two or three edge nodes and one worker. */
export function nodes(edges: number): NodeSpec[] {
  const edge = Array.from({ length: edges }, (_, i) => node(`edge-${i + 1}`, 11 + i, i + 1, { 'lab/role': 'edge' }));
  return [...edge, node('worker-1', 21, 21, { 'lab/role': 'worker' })];
}

function node(name: string, last: number, podNet: number, labels: { [key: string]: string }): NodeSpec {
  return { name, ...lanAddress(last), labels, podCidrs: [`10.244.${podNet}.0/24`, `fd00:10:244:${podNet}::/64`] };
}

function lanAddress(last: number): Address {
  return { ipv4: `192.0.2.${last}`, ipv6: `2001:db8::${last}` };
}
