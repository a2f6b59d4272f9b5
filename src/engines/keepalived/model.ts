// what keepalived does, said once, in its own words (VRRPv3 only)

/** One keepalived.conf, the same text on every node; per-node lines carry `@id`. */
export interface KeepalivedModel {
  /** `router_id`; appears in keepalived's log. */
  readonly name: string;
  readonly instances: VrrpInstance[];
  /** All of them must pass, or every instance of the node goes to FAULT and gives its addresses up. */
  readonly checks: LocalCheck[];
  /** Nodes that may run this configuration; empty when they are not known (nodes chosen by label, multicast). */
  readonly nodes: VrrpNode[];
  /** Scratch directory of the process: pid files, state files. */
  readonly runDirectory: string;
}

export interface VrrpNode {
  /** Kubernetes node name (`spec.nodeName`): keepalived is started with `-i <id>`. */
  readonly id: string;
  /** Source address of adverts to the peers, one per family; all nodes have it or none. Absent: multicast. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface VrrpInstance {
  /** Unique, a DNS label. */
  readonly name: string;
  readonly family: 'ipv4' | 'ipv6';
  /** 1 to 255, unique on the layer-2 segment. */
  readonly virtualRouterId: number;
  /** Centiseconds: VRRPv3's own unit, 1 (10 ms) to 4095 (40.95 s). */
  readonly advertCentiseconds: number;
  /** false: the present master keeps the address when a better one comes (`nopreempt`). */
  readonly preempt: boolean;
  /** Seconds before a better node takes the address back; only with `preempt`. */
  readonly preemptDelaySeconds: number;
  /** Interface of each node for the adverts, by id: the one that has the node's own address. */
  readonly networkInterfaces: { readonly [nodeId: string]: string };
  /** Interface of nodes that are not among `networkInterfaces`. */
  readonly defaultNetworkInterface: string;
  /** Interface that carries the addresses, where it is not the one of the adverts. */
  readonly addressInterface?: string;
  /** Of the instance's own family, without prefix: written as /32 or /128. */
  readonly addresses: string[];
  /** Of the other family: moved along, not advertised (`virtual_ipaddress_excluded`). */
  readonly excludedAddresses: string[];
  /** Priority of each node, 1 to 254, by id. */
  readonly priorities: { readonly [nodeId: string]: number };
  /** Priority of nodes that are not among `priorities`. */
  readonly defaultPriority: number;
}

/** An HTTP endpoint on the node itself that must answer 200. */
export interface LocalCheck {
  /** Unique, a DNS label. */
  readonly name: string;
  readonly address: string;
  /** Asked in turn with `address` until one of the two has answered 200: the node may have one family only, and which one is not known. */
  readonly secondAddress?: string;
  readonly port: number;
  readonly path: string;
  /** uid of the process that listens; root counts as well. On a port below 1024 it is not looked at: others cannot take that. Absent: any process. */
  readonly user?: number;
  /** From one question to the next, 100 to 10000. */
  readonly intervalMs: number;
  /** How long an answer may take, `intervalMs` to 10000. One that has not come then is sickness, whatever `fall` says. */
  readonly timeoutMs: number;
  /** Refusals and answers other than 200, in a row. */
  readonly fall: number;
  readonly rise: number;
}
