// claims of addresses: a virtual address belongs to one virtual IP and is not a node's own
import type { IConstruct } from 'constructs';
import type { EdgeNodes } from './edge-nodes';
import { Registry } from './registry';
import type { Claim } from './registry';
import { canonicalAddress } from '../validation/addresses';
import type { Problem } from '../validation/problem';

interface AddressClaim extends Claim {
  readonly nodes: EdgeNodes;
  readonly virtual: boolean;
}

/** Claims the nodes' own addresses. Several constructs can claim those of the same nodes. */
export function claimNodeAddresses(claimant: IConstruct, nodes: EdgeNodes): void {
  nodes._addresses().forEach(address => claim(claimant, nodes, address, false));
}

/** Claims the addresses that move between the nodes. */
export function claimVirtualAddresses(claimant: IConstruct, nodes: EdgeNodes, addresses: string[]): void {
  addresses.forEach(address => claim(claimant, nodes, address, true));
}

function claim(claimant: IConstruct, nodes: EdgeNodes, address: string, virtual: boolean): void {
  const own: AddressClaim = {
    claimant,
    nodes,
    virtual,
    key: `address/${canonicalAddress(address)}`,
    against: earlier => clash(address, own, earlier as AddressClaim),
  };
  Registry.of(claimant).claim(own);
}

/** Node sets that are assumed disjoint may use the same private addresses. A construct checks its own addresses in its constructor. */
function clash(address: string, own: AddressClaim, earlier: AddressClaim): Problem | undefined {
  if (own.claimant === earlier.claimant || !(own.virtual || earlier.virtual) || own.nodes._isAssumedDisjointFrom(earlier.nodes)) {
    return undefined;
  }
  const path = earlier.claimant.node.path;
  const [virtualIp, other] = own.virtual ? [own.claimant.node.path, path] : [path, own.claimant.node.path];
  return own.virtual && earlier.virtual
    ? {
      code: 'address-twice',
      what: `${path} has the virtual address ${address} too`,
      fix: 'give each virtual IP its own addresses; if the nodes are in different networks, call EdgeNodes.assumeDisjointFrom()',
    }
    : {
      code: 'address-of-node',
      what: `${address} is a virtual address of ${virtualIp} and the address of a node of ${other}`,
      fix: 'choose a virtual address that nothing else has; if the nodes are in different networks, call EdgeNodes.assumeDisjointFrom()',
    };
}
