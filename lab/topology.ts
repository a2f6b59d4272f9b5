// which machines there are and which addresses they have: documentation addresses, the same as in the examples

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
  readonly podCidrs: [string, string];
}

export const CONTROL_PLANE = 'control-plane';
export const CLIENT = 'client';
/** The bridge that joins them is in a namespace of its own, so that the machine's own network stays as it is. */
export const LAN = 'lan';

export const INTERFACE = 'eth0';
export const POD_CIDRS = ['10.244.0.0/16', 'fd00:10:244::/48'];
export const SERVICE_CIDRS = ['10.96.0.0/16', 'fd00:10:96::/112'];
export const KUBERNETES_ADDRESS = '10.96.0.1';
export const DNS_ADDRESS = '10.96.0.10';
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
