// the nodes that share the addresses: enough of them, told apart, and able to hear each other
import type { VrrpNode } from './model';
import { checkAddressOf, Family } from '../../validation/addresses';
import type { Problem } from '../../validation/problem';
import { checkDistinct, checkDnsName, checkThat } from '../../validation/values';

const FAMILIES: Family[] = ['ipv4', 'ipv6'];

/** No nodes at all means that they are not known, which is fine. */
export function checkNodes(nodes: VrrpNode[]): Problem[] {
  if (nodes.length === 0) {
    return [];
  }
  return [
    ...checkThat(nodes.length > 1, {
      code: 'nodes-too-few',
      what: 'there is only one node, and nobody to take the address over',
      got: nodes[0].id,
      fix: 'give two or more, or leave the virtual IP out',
    }),
    ...nodes.flatMap(checkNode),
    ...checkDistinct('node-name-twice', 'nodes', nodes.map(node => node.id)),
    ...FAMILIES.flatMap(family => checkAllOrNone(nodes, family)),
  ];
}

/** Addresses of a node, in all families that it has. */
export function addressesOfNode(node: VrrpNode): string[] {
  return FAMILIES.flatMap(family => node[family] ?? []);
}

function checkNode(node: VrrpNode): Problem[] {
  return [
    ...checkDnsName('node-name-invalid', 'name of a node', node.id),
    ...FAMILIES.flatMap(family => {
      const address = node[family];
      return address === undefined ? [] : checkAddressOf(family, `address of node ${JSON.stringify(node.id)}`, address);
    }),
  ];
}

/** A node without an address of the family would speak multicast to peers that listen to unicast, and become a second master. */
function checkAllOrNone(nodes: VrrpNode[], family: Family): Problem[] {
  const without = nodes.filter(node => node[family] === undefined).map(node => node.id);
  return checkThat(without.length === 0 || without.length === nodes.length, {
    code: 'peer-unreachable',
    what: `some nodes have an ${family} address and others have none`,
    got: without,
    fix: 'give it to all nodes, or to none',
  });
}
