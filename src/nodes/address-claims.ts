// claims of addresses: a virtual address belongs to one virtual IP and is not a node's own
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from './edge-nodes';
import { Registry } from './registry';
import type { Claim } from './registry';
import { canonicalAddress } from '../validation/addresses';
import type { Problem } from '../validation/problem';

const DIFFERENT_NETWORKS = 'if the nodes are in different networks, call EdgeNodes.assumeDisjointFrom()';

interface AddressClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly address: string;
  readonly isVirtual: boolean;
}

/** Claims the nodes' own addresses. Several constructs can claim those of the same nodes. */
export function claimNodeAddresses(claimant: IConstruct, nodes: EdgeNodes): void {
  nodes._addresses().forEach(address => claimAddress(claimant, nodes, address, false));
}

/** Claims the addresses that move between the nodes. */
export function claimVirtualAddresses(claimant: IConstruct, nodes: EdgeNodes, addresses: string[]): void {
  addresses.forEach(address => claimAddress(claimant, nodes, address, true));
}

function claimAddress(claimant: IConstruct, nodes: EdgeNodes, address: string, isVirtual: boolean): void {
  const claim: AddressClaim = {
    claimant,
    nodes,
    address,
    isVirtual,
    key: `address/${canonicalAddress(address)}`,
    clashWith: earlier => clash(claim, earlier as AddressClaim),
  };
  Registry.of(claimant).claim(claim);
}

/** A construct checks its own addresses in its constructor. */
function clash(claim: AddressClaim, earlier: AddressClaim): Problem | undefined {
  // node sets that are assumed disjoint may use the same private addresses
  const isFree = claim.claimant === earlier.claimant || claim.nodes._isAssumedDisjointFrom(earlier.nodes);
  if (isFree || !(claim.isVirtual || earlier.isVirtual)) {
    return undefined;
  }
  return claim.isVirtual && earlier.isVirtual ? {
    code: 'address-twice',
    what: `${earlier.claimant.node.path} has the virtual address ${claim.address} too`,
    fix: `give each virtual IP its own addresses; ${DIFFERENT_NETWORKS}`,
  } : addressOfNode(claim, earlier);
}

function addressOfNode(claim: AddressClaim, earlier: AddressClaim): Problem {
  const [virtual, node] = claim.isVirtual ? [claim, earlier] : [earlier, claim];
  return {
    code: 'address-of-node',
    what: `${claim.address} is a virtual address of ${virtual.claimant.node.path} `
      + `and the address of a node of ${node.claimant.node.path}`,
    fix: `choose a virtual address that nothing else has; ${DIFFERENT_NETWORKS}`,
  };
}
