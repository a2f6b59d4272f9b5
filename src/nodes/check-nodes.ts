// checks edge nodes whose addresses are known
import type { EdgeNode } from './edge-nodes';
import { canonicalAddress, checkAddress, checkAddressOf, familyOf } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkDnsName, checkInteger, checkInterface, checkThat } from '../validation/values';

/** A hostname is the value of the label `kubernetes.io/hostname`. */
export function checkHostname(hostname: string): Problem[] {
  return [
    ...checkDnsName('hostname-invalid', 'hostname', hostname),
    ...checkThat(String(hostname).length <= 63, {
      code: 'hostname-invalid', what: 'hostname is too long for a label value', got: hostname, fix: 'allowed are 63 characters',
    }),
  ];
}

/** All problems with nodes whose addresses are known: of each node, and of all together. */
export function checkNodes(nodes: EdgeNode[]): Problem[] {
  const malformed = nodes.flatMap(node => checkNode(node));
  const hostnames = checkDistinct('hostname-twice', 'hostnames', nodes.map(node => node.hostname));
  return malformed.length > 0 || nodes.length === 0 ? [...malformed, ...hostnames] : [
    ...hostnames,
    ...checkDistinct('node-name-twice', 'node names', nodes.map(node => node.nodeName ?? node.hostname)),
    ...checkDistinct('address-twice', 'addresses of the nodes', nodes.flatMap(addressesOf)),
    ...checkOneFamily(nodes),
  ];
}

function checkNode(node: EdgeNode): Problem[] {
  const of = `of ${JSON.stringify(node.hostname)}`;
  const address = checkAddress(`address ${of}`, node.address);
  return [
    ...checkHostname(node.hostname),
    ...address,
    ...(node.ipv6Address === undefined ? [] : checkAddressOf('ipv6', `ipv6Address ${of}`, node.ipv6Address)),
    ...checkThat(node.ipv6Address === undefined || address.length > 0 || familyOf(node.address) === 'ipv4', {
      code: 'address-family',
      what: `ipv6Address ${of} is given beside an address that is IPv6 already`,
      got: node.address,
      fix: 'give the IPv4 address as address, or leave ipv6Address out',
    }),
    ...(node.nodeName === undefined ? [] : checkDnsName('node-name-invalid', `nodeName ${of}`, node.nodeName)),
    ...(node.networkInterface === undefined ? [] : checkInterface(`networkInterface ${of}`, node.networkInterface)),
    ...(node.priority === undefined ? [] : checkInteger('priority-out-of-range', `priority ${of}`, node.priority, 1, 254)),
  ];
}

/** Addresses of a node, each in its canonical form. */
export function addressesOf(node: EdgeNode): string[] {
  return [node.address, ...(node.ipv6Address === undefined ? [] : [node.ipv6Address])].map(canonicalAddress);
}

/** VRRP uses one family between all nodes. A node without it would get no advert and become a second MASTER. */
function checkOneFamily(nodes: EdgeNode[]): Problem[] {
  const odd = nodes.find(node => familyOf(node.address) !== familyOf(nodes[0].address));
  const single = nodes.find(node => node.ipv6Address === undefined);
  const dual = nodes.find(node => node.ipv6Address !== undefined);
  return [
    ...checkThat(odd === undefined, {
      code: 'address-family',
      what: `address of ${odd?.hostname} is of another family than that of ${nodes[0].hostname}`,
      got: odd?.address,
      fix: 'give all nodes IPv4 addresses, or all IPv6 addresses; the second family belongs in ipv6Address',
    }),
    ...checkThat(single === undefined || dual === undefined, {
      code: 'address-family',
      what: `${dual?.hostname} has an ipv6Address and ${single?.hostname} has none`,
      got: dual?.ipv6Address,
      fix: 'give it to all nodes, or to none',
    }),
  ];
}
