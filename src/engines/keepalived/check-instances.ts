// each election by itself, and all of them together: ids that do not clash, and no promise that VRRP cannot keep
import type { KeepalivedModel, VrrpInstance } from './model';
import { checkAddressOf, Family } from '../../validation/addresses';
import type { Problem } from '../../validation/problem';
import { checkDistinct, checkDnsLabel, checkInteger, checkInterface, checkThat } from '../../validation/values';

/** Problems of each instance, then of the instances together. */
export function checkInstances(model: KeepalivedModel): Problem[] {
  const { instances } = model;
  return [
    ...checkDistinct('instance-twice', 'names of the VRRP instances', instances.map(instance => instance.name)),
    ...instances.flatMap(instance => [
      ...checkDnsLabel('name of a VRRP instance', instance.name),
      ...checkNumbers(instance),
      ...checkAddresses(instance),
      ...checkPerNode(instance, model),
    ]),
    ...checkRouterIds(instances),
    ...checkElections(model),
  ];
}

function checkNumbers(instance: VrrpInstance): Problem[] {
  const of = `of ${JSON.stringify(instance.name)}`;
  const priorities = [instance.defaultPriority, ...Object.values(instance.priorities)];
  return [
    ...checkInteger('vrid-out-of-range', `virtual router id ${of}`, instance.virtualRouterId, 1, 255),
    ...checkInteger('advert-out-of-range', `advert interval ${of}, in hundredths of a second,`, instance.advertCentiseconds, 1, 4_095),
    ...checkInteger('preempt-delay-out-of-range', `preempt delay ${of}, in seconds,`, instance.preemptDelaySeconds, 0, 1_000),
    ...priorities.flatMap(priority => checkInteger('priority-out-of-range', `priority ${of}`, priority, 1, 254)),
  ];
}

function checkAddresses({ name, family, addresses, excludedAddresses }: VrrpInstance): Problem[] {
  const otherFamily: Family = family === 'ipv4' ? 'ipv6' : 'ipv4';
  return [
    ...checkThat(addresses.length > 0, {
      code: 'address-missing', what: `${JSON.stringify(name)} has no ${family} address`, fix: 'give at least one',
    }),
    ...addresses.flatMap(address => checkAddressOf(family, `address of ${JSON.stringify(name)}`, address)),
    ...excludedAddresses.flatMap(address => checkAddressOf(otherFamily, `excluded address of ${JSON.stringify(name)}`, address)),
  ];
}

function checkPerNode(instance: VrrpInstance, { nodes }: KeepalivedModel): Problem[] {
  const { name, networkInterfaces, defaultNetworkInterface, addressInterface, priorities } = instance;
  const known = nodes.map(node => node.id);
  const interfaces = [defaultNetworkInterface, ...Object.values(networkInterfaces), ...(addressInterface === undefined ? [] : [addressInterface])];
  const strangers = [...new Set([...Object.keys(priorities), ...Object.keys(networkInterfaces)])].filter(id => !known.includes(id));
  return [
    ...interfaces.flatMap(network => checkInterface(`interface of ${JSON.stringify(name)}`, network)),
    ...strangers.map(id => ({
      code: 'node-unknown', what: `${JSON.stringify(name)} names a node that is not among the nodes`, got: id, fix: 'name one of the nodes',
    })),
  ];
}

/** Ids are told apart by family: VRRP for IPv4 and for IPv6 do not hear each other. */
function checkRouterIds(instances: VrrpInstance[]): Problem[] {
  return instances.flatMap((instance, index) => {
    const same = instances.filter(candidate => candidate.family === instance.family);
    const first = same.find(candidate => candidate.virtualRouterId === instance.virtualRouterId)!;
    return instances.indexOf(first) === index ? [] : [{
      code: 'vrid-clash',
      what: `${JSON.stringify(first.name)} and ${JSON.stringify(instance.name)} have the same virtual router id`,
      got: instance.virtualRouterId,
      fix: `${freeRouterId(same, instance.virtualRouterId)} is free here; give it to one of them, if nothing else on the network has it`,
    }];
  });
}

/** The next one, because a reader expects the neighbour; after 255 comes 1. */
function freeRouterId(instances: VrrpInstance[], taken: number): number | string {
  const ids = instances.map(instance => instance.virtualRouterId);
  const candidates = Array.from({ length: 254 }, (_, step) => ((taken + step) % 255) + 1);
  return candidates.find(id => !ids.includes(id)) ?? 'none';
}

/** With `nopreempt` a spread holds until the first failure, then one node has everything for ever; with equal priorities there is no home. */
function checkElections({ instances, nodes }: KeepalivedModel): Problem[] {
  const homes = instances.map(instance => homeOf(instance, nodes.map(node => node.id)));
  const spread = new Set(homes.filter(home => home !== undefined)).size > 1;
  return instances.flatMap((instance, index) => [
    ...checkThat(instance.preempt || !spread, {
      code: 'spread-without-preempt',
      what: `the addresses have different home nodes, but ${JSON.stringify(instance.name)} would never go back to its own`,
      got: homes[index],
      fix: 'turn preemption on, with a delay of 30 s for example, or give all addresses the same priorities',
    }),
    ...checkThat(!instance.preempt || homes[index] !== undefined, {
      code: 'preempt-without-home',
      what: `${JSON.stringify(instance.name)} preempts, but no node has a higher priority than the others`,
      got: instance.priorities,
      fix: 'give its home node the highest priority, or turn preemption off',
    }),
  ]);
}

/** The one node with the highest priority. */
function homeOf(instance: VrrpInstance, ids: string[]): string | undefined {
  const priorityOf = (id: string) => Object.hasOwn(instance.priorities, id) ? instance.priorities[id] : instance.defaultPriority;
  const highest = Math.max(...ids.map(priorityOf));
  const best = ids.filter(id => priorityOf(id) === highest);
  return best.length === 1 ? best[0] : undefined;
}
