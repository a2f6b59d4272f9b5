// what a seamless hand-over of virtual IP addresses does, in the words of Linux networking

/** The hand-over of all addresses of one virtual IP, on all nodes that may hold them. */
export interface HandoverModel {
  /** Name of the nftables tables: begins with a letter; letters, digits, dots and dashes. Unique on the node, and kept when the rest changes. */
  readonly name: string;
  /** Number of the routing table, priority of its rules, and part of a label. Unique on the node. */
  readonly routingTable: number;
  /** How long the rules of a killed container work. */
  readonly leaseSeconds: number;
  /** How long the rules of an ended container work, if connections are left: as long as a front proxy may drain. */
  readonly lingerSeconds: number;
  /** In an order that all nodes know. */
  readonly nodes: HandoverNode[];
  /**
   * TCP ports on which a process of every node listens, on all addresses. The connections of other ports break when an
   * address moves: a packet that has no socket can belong to a connection that the kernel forwards, such as one of a node
   * port.
   */
  readonly ports: number[];
  readonly instances: HandoverInstance[];
  /** Where to write the number of open connections of each address, for metrics. If it is not given, they are not counted. */
  readonly connectionsFile?: string;
  /** If it is given, all nodes get new connections; otherwise the holder of the address serves them. */
  readonly spread?: ConnectionSpread;
}

/** How the nodes share the new connections. Two to eight nodes. */
export interface ConnectionSpread {
  /** Directory in which the checkers of keepalived write their verdicts. */
  readonly runDirectory: string;
  /** Names of the checkers; at least one. A node gets new connections only while all of them find its proxy healthy. */
  readonly checks: string[];
  /** Longest wait of a checker for an answer. */
  readonly checkTimeoutMs: number;
}

/** The addresses that move together: what one VRRP instance has. */
export interface HandoverInstance {
  readonly virtualRouterId: number;
  readonly advertMs: number;
  /** Of both families. Each node has an address of its own in each family. */
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
