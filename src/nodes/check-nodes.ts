// checks edge nodes whose addresses are known
import type { EdgeNode } from './edge-nodes';
import { canonicalAddress, checkAddress, checkAddressOf, familyOf } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkDnsName, checkInteger, checkInterface, checkThat } from '../validation/values';

/** A hostname is the value of the label `kubernetes.io/hostname`. */
export function checkHostname(hostname: string): Problem[] {
  return [
    ...checkDnsName('hostname-invalid', 'hostname', hostname),
    ...checkThat(hostname.length <= 63, {
      code: 'hostname-invalid',
      what: 'hostname is too long for a label value',
      got: hostname,
      fix: 'expected at most 63 characters',
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
  const name = JSON.stringify(node.hostname);
  const { ipv6Address, nodeName, networkInterface, priority } = node;
  const address = checkAddress(`address of ${name}`, node.address);
  return [
    ...checkHostname(node.hostname),
    ...address,
    ...(ipv6Address === undefined ? [] : checkAddressOf('ipv6', `ipv6Address of ${name}`, ipv6Address)),
    ...checkThat(ipv6Address === undefined || address.length > 0 || familyOf(node.address) === 'ipv4', {
      code: 'address-family',
      what: `ipv6Address of ${name} needs an IPv4 address beside it`,
      got: node.address,
      fix: 'give an IPv4 address as address, or omit ipv6Address',
    }),
    ...(nodeName === undefined ? [] : checkDnsName('node-name-invalid', `nodeName of ${name}`, nodeName)),
    ...(networkInterface === undefined ? [] : checkInterface(`networkInterface of ${name}`, networkInterface)),
    ...(priority === undefined ? [] : checkInteger('priority-out-of-range', `priority of ${name}`, priority, 1, 254)),
  ];
}

/** Addresses of a node, each in its canonical form. */
export function addressesOf(node: EdgeNode): string[] {
  return [node.address, ...(node.ipv6Address === undefined ? [] : [node.ipv6Address])].map(canonicalAddress);
}

/** VRRP uses one family between all nodes. A node without it would get no advert and become a second MASTER. */
function checkOneFamily(nodes: EdgeNode[]): Problem[] {
  const [first] = nodes;
  const dual = nodes.find(({ ipv6Address }) => ipv6Address !== undefined);
  const odd = nodes.filter(({ address }) => familyOf(address) !== familyOf(first.address));
  return [
    ...odd.map(({ hostname, address }): Problem => ({
      code: 'address-family',
      what: `addresses of ${first.hostname} and ${hostname} are not of the same family`,
      got: address,
      fix: 'use one family for the address of every node; '
        + 'with both families, give IPv4 as address and IPv6 as ipv6Address',
    })),
    ...(dual === undefined ? [] : nodes.filter(({ ipv6Address }) => ipv6Address === undefined).map(({ hostname }): Problem => ({
      code: 'address-family',
      what: `${dual.hostname} has an ipv6Address and ${hostname} has none`,
      got: dual.ipv6Address,
      fix: 'give every node an ipv6Address, or none',
    }))),
  ];
}
