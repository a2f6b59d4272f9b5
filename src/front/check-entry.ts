// checks of an entry: its name, its addresses, its gateway and its ports
import { checkFrontListeners, checkSameNodes } from './check-front';
import type { FrontEntryOptions } from './front-entry';
import type { FrontProxyProps } from './front-proxy-props';
import { resolveListeners } from './plan';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { canonicalAddress, checkAddress } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkDistinct, checkDnsLabel, checkNotEmpty, checkThat } from '../validation/values';

/** All problems with one more entry. */
export function checkEntry(entry: FrontEntryOptions, props: FrontProxyProps, others: FrontEntryOptions[]): Problem[] {
  const listeners = resolveListeners(entry);
  return [
    ...checkDnsLabel('name', entry.name),
    ...checkThat(!others.some(({ name }) => name === entry.name), {
      code: 'entry-twice', what: 'the front proxy has an entry with this name', got: entry.name, fix: 'give each entry another name',
    }),
    ...checkAddresses(entry, props, others),
    ...checkOwnGateway(entry, [{ title: 'the front proxy itself', gateway: props.gateway },
      ...others.map(({ name, gateway }) => ({ title: `entry ${name}`, gateway }))]),
    ...checkNotEmpty('listeners', listeners.length),
    ...checkDistinct('port-twice', 'ports of the entry', listeners.map(({ port }) => String(port))),
    ...checkFrontListeners(listeners, entry.gateway),
    ...checkSameNodes(props, entry.gateway),
  ];
}

function checkAddresses({ addresses }: FrontEntryOptions, { ipv6 }: FrontProxyProps, others: FrontEntryOptions[]): Problem[] {
  const malformed = addresses.flatMap(address => checkAddress('address of the entry', address));
  if (malformed.length > 0) {
    return malformed;
  }
  const canonical = addresses.map(canonicalAddress);
  const unheard = ipv6 === false ? canonical.find(address => address.includes(':')) : undefined;
  return [
    ...checkDistinct('address-twice', 'addresses of the entry', canonical),
    ...others.flatMap(other => other.addresses.filter(address => canonical.includes(canonicalAddress(address))).map((address): Problem => ({
      code: 'address-twice', what: `${address} is an address of entry ${other.name} too`, fix: 'use each address in one entry',
    }))),
    ...checkThat(unheard === undefined, {
      code: 'listener-without-ipv6',
      what: 'the entry has an IPv6 address, but the front proxy listens on IPv4 only',
      got: unheard,
      fix: 'omit ipv6: false of the front proxy',
    }),
  ];
}

/** An entry with the gateway of another one would need no entry. */
function checkOwnGateway({ gateway }: FrontEntryOptions, others: { title: string; gateway: IIngressGateway }[]): Problem[] {
  const service = serviceOf(gateway);
  return others.filter(other => serviceOf(other.gateway) === service).map(({ title }): Problem => ({
    code: 'entry-gateway-twice',
    what: `${title} has the gateway of this entry already`,
    got: service,
    fix: 'give the entry a gateway of its own, or give its addresses to the one that has this gateway',
  }));
}

function serviceOf(gateway: IIngressGateway): string {
  const { namespace, serviceName } = gateway.toIngressGatewayConfig();
  return `${namespace}/${serviceName}`;
}
