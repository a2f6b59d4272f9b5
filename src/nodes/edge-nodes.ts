// the nodes that receive traffic from outside: what the scheduler and keepalived need to know of them
import { addressesOf, checkHostname, checkNodes } from './check-nodes';
import { familyOf, canonicalAddress } from '../validation/addresses';
import { throwIfAny } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkDistinct, checkLabelKey, checkLabels, checkNotEmpty, checkThat } from '../validation/values';

/**
 * One edge node whose address is known.
 */
export interface EdgeNode {
  /**
   * Value of the node's label `kubernetes.io/hostname`.
   */
  readonly hostname: string;

  /**
   * The node's own address: IPv4, or IPv6 on a node without IPv4. VRRP adverts use it.
   */
  readonly address: string;

  /**
   * IPv6 address of a dual-stack node.
   *
   * @default - none
   */
  readonly ipv6Address?: string;

  /**
   * Name of the Kubernetes Node object.
   *
   * @default - the hostname
   */
  readonly nodeName?: string;

  /**
   * Network interface that has the `address` of this node.
   *
   * Virtual addresses without a `networkInterface` of their own are on it too.
   *
   * @default - the interface of the `KeepalivedVip`
   */
  readonly networkInterface?: string;

  /**
   * VRRP priority, 1 to 254. The healthy node with the highest priority becomes MASTER first.
   *
   * After three missed adverts, a node waits (256 - priority) / 256 of an interval more before it takes over. If another node
   * is the `preferredNode` of an address, a priority of 254 becomes 253 for this address.
   *
   * @default - 250 minus the position in the list: the first node has 250, the second 249
   * @see https://www.rfc-editor.org/rfc/rfc9568#section-5.2.4
   */
  readonly priority?: number;
}

/** The same for every copy of a node set, so that `assumeDisjointFrom()` also holds for the result of `dedicated()`. */
type Identity = object;

interface NodeSet {
  readonly identity: Identity;
  readonly hostnames: string[];
  readonly nodes: EdgeNode[];
  readonly labels: { readonly [key: string]: string };
  readonly taintKeys: string[];
  readonly disjointFrom: Identity[];
}

/** What a factory does not set. */
const UNCONSTRAINED = { hostnames: [], nodes: [], labels: {}, taintKeys: [], disjointFrom: [] };

/**
 * The nodes that receive traffic from outside the cluster.
 *
 * You choose them by hostname and address, by hostname, or by label.
 *
 * A node with the label `cdk8s-istio-edge/maintenance` is left out. When you set this label, the virtual IP moves away
 * and the DaemonSet controller deletes the pods on the node. `kubectl drain` alone does not delete a DaemonSet's pods.
 *
 * @see https://github.com/kubernetes/kubernetes/issues/75482
 */
export class EdgeNodes {
  /**
   * Label that takes a node out of service: `kubectl label node edge-1 cdk8s-istio-edge/maintenance=`.
   */
  public static readonly MAINTENANCE_LABEL = 'cdk8s-istio-edge/maintenance';

  /**
   * Default taint key of `dedicated()`.
   */
  public static readonly DEDICATED_TAINT = 'node-role.kubernetes.io/edge';

  /**
   * Nodes by hostname and address.
   *
   * VRRP uses unicast, and each node has a priority. A virtual address that is the address of a node is an error.
   *
   * @param nodes At least one; hostnames, node names and addresses are distinct.
   * @throws list-empty, hostname-twice, address-twice, hostname-invalid, address-invalid, address-family and more
   */
  public static of(...nodes: EdgeNode[]): EdgeNodes {
    validateCall('EdgeNodes.of', { nodes });
    throwIfAny(checkNodes(nodes), 'EdgeNodes.of()');
    const hostnames = nodes.map(node => node.hostname);
    return new EdgeNodes({ ...UNCONSTRAINED, identity: {}, hostnames, nodes: nodes.map(withCanonicalAddresses) });
  }

  /**
   * Nodes by hostname only: required node affinity on `kubernetes.io/hostname`.
   *
   * Their addresses are not known, so VRRP uses multicast.
   *
   * @param hostnames At least one, distinct.
   * @throws list-empty, hostname-twice, hostname-invalid
   */
  public static named(...hostnames: string[]): EdgeNodes {
    validateCall('EdgeNodes.named', { hostnames });
    throwIfAny([...checkDistinct('hostname-twice', 'hostnames', hostnames), ...hostnames.flatMap(checkHostname)], 'EdgeNodes.named()');
    return new EdgeNodes({ ...UNCONSTRAINED, identity: {}, hostnames: [...hostnames] });
  }

  /**
   * All nodes that have all of these labels.
   *
   * Their number and addresses are not known at synthesis, so VRRP uses multicast.
   *
   * @param labels At least one.
   * @throws list-empty, label-invalid, label-reserved
   */
  public static labeled(labels: { [key: string]: string }): EdgeNodes {
    validateCall('EdgeNodes.labeled', { labels });
    throwIfAny([
      ...checkNotEmpty('labels', Object.keys(labels).length),
      ...checkLabels('node label', labels),
      ...checkThat(!(EdgeNodes.MAINTENANCE_LABEL in labels), {
        code: 'label-reserved',
        what: 'labels contain the label that takes a node out of service',
        got: EdgeNodes.MAINTENANCE_LABEL,
        fix: 'choose another label',
      }),
    ], 'EdgeNodes.labeled()');
    // not every language keeps the order of a map
    const sorted = Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
    return new EdgeNodes({ ...UNCONSTRAINED, identity: {}, labels: sorted });
  }

  private constructor(private readonly set: NodeSet) {}

  /**
   * Hostnames in the given order; empty if the nodes are chosen by label.
   */
  public get hostnames(): string[] {
    return [...this.set.hostnames];
  }

  /**
   * The nodes that were given to `of()`, with canonical addresses; empty for all others.
   */
  public get nodes(): EdgeNode[] {
    return [...this.set.nodes];
  }

  /**
   * Labels that choose the nodes; empty if the nodes are listed.
   */
  public get labels(): { [key: string]: string } {
    return { ...this.set.labels };
  }

  /**
   * Keys of the taints that pods on these nodes tolerate, with every value and effect.
   */
  public get taintKeys(): string[] {
    return [...this.set.taintKeys];
  }

  /**
   * The same nodes, with taints that pods on them tolerate.
   *
   * Another call adds to the taints of the call before. You set the taints on the nodes yourself. They keep other pods away.
   *
   * @param taintKeys Keys of the taints; `node-role.kubernetes.io/edge` without any.
   * @throws label-invalid, taint-twice
   */
  public dedicated(...taintKeys: string[]): EdgeNodes {
    validateCall('EdgeNodes.dedicated', { taintKeys });
    const added = taintKeys.length > 0 ? taintKeys : [EdgeNodes.DEDICATED_TAINT];
    throwIfAny([
      ...added.flatMap(key => checkLabelKey('key of a taint', key)),
      ...checkDistinct('taint-twice', 'keys of taints', added),
    ], 'EdgeNodes.dedicated()');
    return new EdgeNodes({ ...this.set, taintKeys: [...new Set([...this.set.taintKeys, ...added])] });
  }

  /**
   * The same nodes, declared to share no node with the other set.
   *
   * Two sets are known to be disjoint if both list hostnames and share none, or if they require different values of one
   * label. All other sets count as overlapping, and two listeners on one port are then an error.
   *
   * @param other The set that shares no node with this one.
   * @throws option-missing, type-wrong, nodes-not-disjoint
   */
  public assumeDisjointFrom(other: EdgeNodes): EdgeNodes {
    validateCall('EdgeNodes.assumeDisjointFrom', { other });
    const shared = this.set.hostnames.filter(hostname => other.set.hostnames.includes(hostname));
    throwIfAny(checkThat(this.set.identity !== other.set.identity && shared.length === 0, {
      code: 'nodes-not-disjoint',
      what: shared.length > 0 ? `both sets have ${shared.join(' and ')}` : 'a set shares all nodes with itself',
      fix: 'give sets that share no node',
    }), 'EdgeNodes.assumeDisjointFrom()');
    return new EdgeNodes({ ...this.set, disjointFrom: [...this.set.disjointFrom, other.set.identity] });
  }

  /** @internal */
  public _overlaps(other: EdgeNodes): boolean {
    if (this._isAssumedDisjointFrom(other)) {
      return false;
    }
    if (this.set.hostnames.length > 0 && other.set.hostnames.length > 0) {
      return this.set.hostnames.some(hostname => other.set.hostnames.includes(hostname));
    }
    const theirs = new Map(Object.entries(other.set.labels));
    return !Object.entries(this.set.labels).some(([key, value]) => theirs.has(key) && theirs.get(key) !== value);
  }

  /** @internal */
  public _isAssumedDisjointFrom(other: EdgeNodes): boolean {
    return this.set.disjointFrom.includes(other.set.identity) || other.set.disjointFrom.includes(this.set.identity);
  }

  /**
   * Loopback address of a process that listens in every family of its node. Both if the families are not known.
   *
   * @internal
   */
  public _loopbacks(): string[] {
    const addresses = this._addresses();
    const hasIpv4 = addresses.some(address => familyOf(address) === 'ipv4');
    return addresses.length === 0 ? ['127.0.0.1', '::1'] : [hasIpv4 ? '127.0.0.1' : '::1'];
  }

  /** @internal */
  public _addresses(): string[] {
    return this.set.nodes.flatMap(addressesOf);
  }

  /** @internal */
  public _describe(): string {
    return this.set.hostnames.length > 0
      ? this.set.hostnames.join(', ')
      : Object.entries(this.set.labels).map(([key, value]) => `${key}=${value}`).join(',');
  }
}

/** nftables does not read every form, such as `2001:db8::192.0.2.11`. */
function withCanonicalAddresses(node: EdgeNode): EdgeNode {
  const { address, ipv6Address } = node;
  return { ...node, address: canonicalAddress(address), ...(ipv6Address !== undefined && { ipv6Address: canonicalAddress(ipv6Address) }) };
}
