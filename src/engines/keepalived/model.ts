// the model of a keepalived configuration, in keepalived's terms (VRRPv3 only)
import type { Snippets } from '../snippets';

/** One keepalived.conf for all nodes. A line for one node begins with `@id`. */
export interface KeepalivedModel {
  /** `router_id`; appears in keepalived's log. */
  readonly name: string;
  readonly instances: VrrpInstance[];
  /** If one fails, every instance of the node enters FAULT and gives up its addresses. */
  readonly checks: LocalCheck[];
  /** Nodes that may run this configuration; empty if their addresses are not known (multicast). */
  readonly nodes: VrrpNode[];
  /** What a user adds to the configuration. Absent: nothing. */
  readonly snippets?: Snippets;
  /** Writable directory for pid files, states and verdicts. */
  readonly runDirectory: string;
}

/** A node that takes part in VRRP. */
export interface VrrpNode {
  /** Kubernetes node name (`spec.nodeName`). keepalived starts with `-i <id>`. */
  readonly id: string;
  /** Source address of adverts in this family. Either all nodes have it, or none; absent: multicast. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** A set of addresses that move together: one `vrrp_instance`. */
export interface VrrpInstance {
  /** Unique, a DNS label. */
  readonly name: string;
  readonly family: 'ipv4' | 'ipv6';
  /** 1 to 255, unique on the layer-2 segment. */
  readonly virtualRouterId: number;
  /** The unit of VRRPv3: 1 (10 ms) to 4095 (40.95 s). */
  readonly advertCentiseconds: number;
  /** false: the MASTER keeps the address when a node with a higher priority comes (`nopreempt`). */
  readonly preempt: boolean;
  /** How long a node with a higher priority waits before it takes the address back; only with `preempt`. */
  readonly preemptDelaySeconds: number;
  /** Interface for adverts, by node id: the one that has the node's own address. */
  readonly networkInterfaces: { readonly [nodeId: string]: string };
  /** Interface for adverts on nodes that `networkInterfaces` does not list. */
  readonly defaultNetworkInterface: string;
  /** Interface that carries the addresses, if it is not the interface for adverts. */
  readonly addressInterface?: string;
  /** Addresses of the instance's family, without prefix length. */
  readonly addresses: string[];
  /** Addresses of the other family: they move too, but are not advertised (`virtual_ipaddress_excluded`). */
  readonly excludedAddresses: string[];
  /** Priority, 1 to 254, by node id. */
  readonly priorities: { readonly [nodeId: string]: number };
  /** Priority of nodes that `priorities` does not list. */
  readonly defaultPriority: number;
}

/** An HTTP endpoint on the node itself that must answer 200. */
export interface LocalCheck {
  /** Unique, a DNS label. */
  readonly name: string;
  readonly address: string;
  /**
   * The check asks this and `address` in turn until one has answered 200; for a node whose IP families are not known.
   */
  readonly secondAddress?: string;
  readonly port: number;
  readonly path: string;
  /** uid of the process that listens; root is allowed too. Not checked on a port below 1024. Absent: any process. */
  readonly user?: number;
  /** From one check to the next, 100 to 10000. */
  readonly intervalMs: number;
  /** Longest wait for an answer, `intervalMs` to 10000. One timeout makes the node sick; `fall` does not apply. */
  readonly timeoutMs: number;
  /** Failures in a row that make the node sick: refusals, and answers other than 200. */
  readonly fall: number;
  /** Passed checks in a row that make the node healthy again. */
  readonly rise: number;
}
