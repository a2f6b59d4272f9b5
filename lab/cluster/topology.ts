// which machines there are and which addresses they have: documentation addresses, the same as in the examples

/** Families of the addresses of machines, pods and Services, as kind names them. */
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
  /** The pods' networks on it. */
  readonly podCidrs: Pair;
}

/** Something of IPv4, and the same of IPv6. */
export type Pair = readonly [ipv4: string, ipv6: string];

/** What a cluster of these families has of both. The first one is what Kubernetes calls its primary. */
export function inFamily(family: IpFamily, [ipv4, ipv6]: Pair): string[] {
  return family === 'dual' ? [ipv4, ipv6] : [ipv6];
}

/** The one address that a program takes where it takes one only. */
export function primary(family: IpFamily, { ipv4, ipv6 }: Address): string {
  return inFamily(family, [ipv4, ipv6])[0];
}

/** As it stands in front of a port. */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export const CONTROL_PLANE = 'control-plane';
export const CLIENT = 'client';
/** The bridge that joins them is in a namespace of its own, so that the machine's own network stays as it is. */
export const LAN = 'lan';

export const INTERFACE = 'eth0';
export const POD_CIDRS: Pair = ['10.244.0.0/16', 'fd00:10:244::/48'];
export const SERVICE_CIDRS: Pair = ['10.96.0.0/16', 'fd00:10:96::/112'];
export const KUBERNETES_ADDRESSES: Pair = ['10.96.0.1', 'fd00:10:96::1'];
export const DNS_ADDRESSES: Pair = ['10.96.0.10', 'fd00:10:96::a'];
export const CLUSTER_DOMAIN = 'cluster.local';

/** Nobody has this address; but without a default route, a node's own connection to a Service is "network is unreachable". */
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
