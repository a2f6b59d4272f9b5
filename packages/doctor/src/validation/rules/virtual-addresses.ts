// VRIDs and virtual addresses, each of which may exist only once
import { isIPv6 } from 'net';
import { instancesIn, VrrpInstance } from '../../edge/keepalived-conf';
import { KubeObject, nameOf } from '../../edge/objects';
import { Place, Rule, Violation } from '../rule';

interface Instance extends VrrpInstance {
  readonly object: KubeObject;
  readonly file: string;
}

/** All VRRP instances, those of a keepalived of the user's own included. */
function instancesOf(objects: readonly KubeObject[]): Instance[] {
  return objects.filter(({ kind }) => kind === 'ConfigMap').flatMap(object => Object.entries(object.data ?? {})
    .flatMap(([file, text]) => instancesIn(String(text)).map(instance => ({ ...instance, object, file }))));
}

const placeOf = ({ object, file, name }: Instance, detail: string): Place => ({ object, location: `data["${file}"], vrrp_instance ${name}: ${detail}` });

const isV6 = ({ addresses }: Instance) => isIPv6(addresses[0]?.address ?? '');

/** Unicast adverts reach the listed nodes only. Multicast adverts reach every machine on the segment. */
function hearEachOther(one: Instance, other: Instance): boolean {
  const [mine, theirs] = [one, other].map(({ sources }) => Object.keys(sources).filter(node => node !== ''));
  const nodes = mine.length > 0 && theirs.length > 0 ? mine.filter(node => theirs.includes(node)) : [...mine, ...theirs, ''];
  return nodes.some(node => one.interfaceOn(node) === other.interfaceOn(node));
}

function pairs<T>(all: readonly T[], clash: (one: T, other: T) => boolean): [T, T][] {
  return all.flatMap((one, index) => all.slice(index + 1).filter(other => clash(one, other)).map((other): [T, T] => [one, other]));
}

/** vrid-twice */
export const vridTwice: Rule = {
  name: 'vrid-twice',
  find: ({ objects }) => pairs(instancesOf(objects), (one, other) =>
    one.virtualRouterId === other.virtualRouterId && isV6(one) === isV6(other) && hearEachOther(one, other)).map(([one, other]) => ({
    what: `two virtual IPs have VRID ${one.virtualRouterId} on one network: each takes the adverts of the other for its own, and addresses move without reason`,
    places: [one, other].map(instance => placeOf(instance, `virtual_router_id ${instance.virtualRouterId}`)),
    fix: 'give one of them another VRID: virtualRouterId of VirtualAddress.of()',
  })),
};

/** One spelling for each address. */
const canonical = (address: string) => isIPv6(address) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;

const BALANCER_ADDRESSES = ['metallb.io/loadBalancerIPs', 'metallb.universe.tf/loadBalancerIPs', 'kube-vip.io/loadbalancerIPs', 'lbipam.cilium.io/ips'];

/** Addresses that a Service takes from outside. */
function outsideOf(object: KubeObject): { address: string; location: string }[] {
  const { metadata, spec } = object;
  const external: string[] = Array.isArray(spec?.externalIPs) ? spec.externalIPs : [];
  return [
    ...external.map(address => ({ address, location: `spec.externalIPs: ${address}` })),
    ...(spec?.loadBalancerIP === undefined ? [] : [{ address: String(spec.loadBalancerIP), location: `spec.loadBalancerIP: ${spec.loadBalancerIP}` }]),
    ...BALANCER_ADDRESSES.flatMap(key => String(metadata.annotations?.[key] ?? '').split(',').map(text => text.trim()).filter(text => text !== '')
      .map(address => ({ address, location: `metadata.annotations["${key}"]: ${address}` }))),
  ];
}

/** address-twice */
export const addressTwice: Rule = {
  name: 'address-twice',
  find: ({ objects }) => {
    const instances = instancesOf(objects);
    const virtual = instances.flatMap(instance =>
      instance.addresses.map(({ address }) => ({ address: canonical(address), place: placeOf(instance, address) })));
    const nodes = instances.flatMap(instance =>
      Object.values(instance.sources).map(address => ({ address: canonical(address), place: placeOf(instance, `unicast_src_ip ${address}`) })));
    const services = objects.filter(({ kind }) => kind === 'Service')
      .flatMap(object => outsideOf(object).map(({ address, location }) => ({ address: canonical(address), place: { object, location } })));
    const twice = (address: string, places: Place[], also: string): Violation => ({
      what: `the virtual address ${address} ${also}: the network sends its packets to one of the two`,
      places,
      fix: 'choose a free address for VirtualAddress.of(), or change the other one',
    });
    return [
      ...pairs(virtual, (one, other) => one.address === other.address).map(([one, other]) => twice(one.address, [one.place, other.place], 'belongs to two virtual IPs')),
      ...virtual.flatMap(one => {
        const node = nodes.find(({ address }) => address === one.address);
        return node === undefined ? [] : [twice(one.address, [one.place, node.place], 'is also the address of a node')];
      }),
      ...virtual.flatMap(one => services.filter(({ address }) => address === one.address)
        .map(({ place }) => twice(one.address, [one.place, place], `is also an address of ${nameOf(place.object)}`))),
    ];
  },
};
