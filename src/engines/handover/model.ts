// what a seamless hand-over of virtual IP addresses does, in the words of Linux networking

/** The hand-over of all addresses of one virtual IP, on all nodes that may hold them. */
export interface HandoverModel {
  /** Name of the nftables tables: begins with a letter; letters, digits, dots and dashes. Unique on the node, and kept when the rest changes. */
  readonly name: string;
  /** Number of the routing table, priority of its rules, and part of a label: unique on the node, 1,000 to 30,000. */
  readonly routingTable: number;
  /** How long a killed container's traces work: 3 to 3,600. */
  readonly leaseSeconds: number;
  /** Two to eight, in an order that all nodes know. */
  readonly nodes: HandoverNode[];
  /**
   * TCP ports on which a process of every node listens, on all addresses. Other ports move plainly: a packet that has no socket can
   * belong to a connection that the kernel forwards, such as one of a node port.
   */
  readonly ports: number[];
  readonly instances: HandoverInstance[];
}

/** The addresses that move together: what one VRRP instance has. */
export interface HandoverInstance {
  readonly virtualRouterId: number;
  readonly advertMs: number;
  /** Of both families. Addresses of a family in which a node has no address of its own move plainly. */
  readonly addresses: string[];
}

/** A node that may hold the addresses. */
export interface HandoverNode {
  /** Kubernetes node name (`spec.nodeName`). */
  readonly id: string;
  /** Interface that carries both the node's own addresses and the virtual ones. */
  readonly networkInterface: string;
  /** The node's own addresses, to which the others pass packets on. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}
