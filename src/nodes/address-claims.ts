// claims of addresses: a virtual address belongs to one virtual IP and is not a node's own
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from './edge-nodes';
import { Registry } from './registry';
import type { Claim } from './registry';
import { canonicalAddress } from '../validation/addresses';
import type { Problem } from '../validation/problem';

/** Begins the keys of claims to addresses. */
const ADDRESS = 'address/';

interface AddressClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly address: string;
  readonly isVirtual: boolean;
}

/** Claims of the nodes' own addresses. Several constructs can claim those of the same nodes. */
export function nodeAddressClaims(claimant: IConstruct, nodes: EdgeNodes): Claim[] {
  return nodes._addresses().map(address => addressClaim(claimant, nodes, address, false));
}

/** Claims of the addresses that move between the nodes. */
export function virtualAddressClaims(claimant: IConstruct, nodes: EdgeNodes, addresses: string[]): Claim[] {
  return addresses.map(address => addressClaim(claimant, nodes, address, true));
}

/** The virtual addresses that nodes of this set can have, from all constructs of the App so far. */
export function virtualAddressesOn(scope: IConstruct, nodes: EdgeNodes): string[] {
  const claims = Registry.of(scope).claimsOf(ADDRESS) as AddressClaim[];
  const virtual = claims.filter(claim => claim.isVirtual && claim.nodes._overlaps(nodes));
  return [...new Set(virtual.map(({ address }) => canonicalAddress(address)))].sort();
}

function addressClaim(claimant: IConstruct, nodes: EdgeNodes, address: string, isVirtual: boolean): AddressClaim {
  const claim: AddressClaim = {
    claimant,
    nodes,
    address,
    isVirtual,
    key: `${ADDRESS}${canonicalAddress(address)}`,
    clashWith: earlier => clash(claim, earlier as AddressClaim),
  };
  return claim;
}

function clash(claim: AddressClaim, earlier: AddressClaim): Problem | undefined {
  const isOwn = claim.claimant === earlier.claimant;
  // node sets that are assumed disjoint may use the same private addresses
  const isFree = !isOwn && claim.nodes._isAssumedDisjointFrom(earlier.nodes);
  if (isFree || !(claim.isVirtual || earlier.isVirtual)) {
    return undefined;
  }
  const orDisjoint = isOwn ? '' : '; if the nodes are in different networks, call EdgeNodes.assumeDisjointFrom()';
  return claim.isVirtual && earlier.isVirtual ? {
    code: 'address-twice',
    what: `${claim.address} is also a virtual address of ${earlier.claimant.node.path}`,
    fix: `use each virtual address once${orDisjoint}`,
  } : {
    code: 'address-of-node',
    what: describeNodeAddress(claim, earlier),
    fix: `choose a virtual address that nothing else has${orDisjoint}`,
  };
}

function describeNodeAddress(claim: AddressClaim, earlier: AddressClaim): string {
  const [virtual, node] = claim.isVirtual ? [claim, earlier] : [earlier, claim];
  return `${claim.address} is a virtual address of ${virtual.claimant.node.path} and the address of a node of ${node.claimant.node.path}`;
}
