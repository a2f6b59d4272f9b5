// KeepalivedModel → keepalived.conf, in the grammar of 2.2.7
// https://github.com/acassen/keepalived/blob/v2.2.7/doc/man/man5/keepalived.conf.5.in
import { hostPrefix } from '../../validation/addresses';
import { snippetLines, writeSnippet } from '../snippets';
import { TextWriter } from '../text-writer';
import { word } from './grammar';
import type { KeepalivedModel, LocalCheck, VrrpInstance, VrrpNode } from './model';
import { ALIVE, runByKeepalived, STATE } from './scripts';

/** The text of a model. The order of nodes, checks and instances in the model does not change it. */
export function renderKeepalived(model: KeepalivedModel): string {
  const nodes = sortedBy(model.nodes, node => node.id);
  const checks = sortedBy(model.checks, check => check.name);
  const out = new TextWriter();
  out.line(`# keepalived of ${word(model.name)}, written by cdk8s-istio-edge: change the construct, not this text`);
  out.line('# one text for all nodes: a line with @node applies to that node, a line with @^node to all others');
  writeGlobals(out, model);
  checks.forEach(check => writeVerdict(out, check, model));
  if (checks.length > 0) {
    writeAlive(out, checks, model);
  }
  sortedBy(model.instances, instance => instance.name).forEach(instance => writeInstance(out, instance, nodes, checks, model));
  if (model.snippets?.sections) {
    out.blank();
    writeSnippet(out, model.snippets, 'sections');
  }
  return out.toString();
}

/** If a timeout ends this much later than it should, the node is busy, and the timeout says nothing about the proxy. */
const LATE_MS = 200;

/** A line for each checker: its arguments without the directory. */
export function renderCheckers(model: KeepalivedModel): string {
  return sortedBy(model.checks, check => check.name)
    .map(check => {
      const { name, address, secondAddress, port, user, intervalMs, timeoutMs, fall, rise } = check;
      const starved = Math.ceil((timeoutMs + LATE_MS) / 10);
      const second = secondAddress === undefined ? [] : [urlOf(check, secondAddress)];
      const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
      const owner = user === undefined || port < 1024 ? '-' : `${user}:${hexPort}`;
      const times = [intervalMs / 1000, (timeoutMs - intervalMs) / 1000, starved];
      return [word(name), urlOf(check, address), ...times, fall, rise, owner, ...second].join(' ');
    })
    .map(line => `${line}\n`)
    .join('');
}

function urlOf({ port, path }: LocalCheck, address: string): string {
  return word(`http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`);
}

/** Sorts by code units, so that the order does not depend on a locale. */
export function sortedBy<T>(items: T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function writeGlobals(out: TextWriter, model: KeepalivedModel): void {
  const fifo = `${word(model.runDirectory)}/notify`;
  writeBlock(out, 'global_defs', [
    `router_id ${word(model.name)}`,
    'vrrp_version 3',
    // a client that missed the announcement corrects its ARP cache within a minute
    'vrrp_garp_master_refresh 60',
    // after a partition, the MASTER that stays announces the address only if it hears an advert of the other MASTER
    'vrrp_higher_prio_send_advert true',
    // no advice in the log to use real-time priority, which needs SYS_NICE
    'max_auto_priority -1',
    'enable_script_security',
    'script_user root',
    `vrrp_notify_fifo ${fifo}`,
    `vrrp_notify_fifo_script "${runByKeepalived(STATE).join(' ')}"`,
    ...snippetLines(model.snippets, 'global_defs'),
  ]);
}

/** The verdict of a checker: 0 healthy, 1 sick. It is 1 until the checker writes another one. */
function writeVerdict(out: TextWriter, check: LocalCheck, { runDirectory }: KeepalivedModel): void {
  writeBlock(out, `track_file ${word(check.name)}`, [
    `file ${word(runDirectory)}/${word(check.name)}.sick`,
    // weight 0: sick means FAULT. With nopreempt, a lower priority would not move the address
    'weight 0',
    'init_file 1 overwrite',
  ]);
}

/**
 * A checker writes its alive file about once between two runs of this script. On a busy node it is late, so `fall` is
 * 5.
 */
function writeAlive(out: TextWriter, checks: LocalCheck[], { runDirectory }: KeepalivedModel): void {
  const seconds = Math.ceil(Math.max(...checks.map(check => check.timeoutMs)) / 1000);
  writeBlock(out, 'vrrp_script checkers-alive', [
    `script "${runByKeepalived(ALIVE, word(runDirectory), ...checks.map(check => word(check.name))).join(' ')}"`,
    `interval ${seconds}`,
    `timeout ${seconds}`,
    'fall 5',
    'rise 1',
    'weight 0',
    'init_fail',
  ]);
}

function writeInstance(
  out: TextWriter, instance: VrrpInstance, nodes: VrrpNode[], checks: LocalCheck[], { snippets }: KeepalivedModel,
): void {
  out.blank();
  out.block(`vrrp_instance ${word(instance.name)} {`, () => {
    [
      'state BACKUP',
      ...preemption(instance),
      `virtual_router_id ${instance.virtualRouterId}`,
      `advert_int ${instance.advertCentiseconds / 100}`,
      ...perNode('interface', nodes, instance.networkInterfaces, instance.defaultNetworkInterface),
      ...perNode('priority', nodes, instance.priorities, instance.defaultPriority),
    ].forEach(line => out.line(line));
    writeUnicast(out, instance, nodes);
    writeList(out, 'virtual_ipaddress', onDevice(instance.addresses, instance));
    writeList(out, 'virtual_ipaddress_excluded', onDevice(instance.excludedAddresses, instance));
    writeList(out, 'track_interface', trackedInterface(instance, nodes));
    writeList(out, 'track_file', checks.map(check => word(check.name)));
    writeList(out, 'track_script', checks.length > 0 ? ['checkers-alive'] : []);
    writeSnippet(out, snippets, 'vrrp_instance');
  }, '}');
}

/** keepalived tracks the interface of the adverts by itself. keepalived 2.2 calls it an error if it is listed too. */
function trackedInterface({ addressInterface, networkInterfaces, defaultNetworkInterface: common }: VrrpInstance, nodes: VrrpNode[]): string[] {
  if (addressInterface === undefined) {
    return [];
  }
  const name = word(addressInterface);
  const others = nodes.filter(node => valueOn(node, networkInterfaces, common) !== addressInterface);
  return others.length === nodes.length ? [name] : others.map(({ id }) => `@${word(id)} ${name}`);
}

function preemption({ preempt, preemptDelaySeconds }: VrrpInstance): string[] {
  if (!preempt) {
    return ['nopreempt'];
  }
  return preemptDelaySeconds > 0 ? [`preempt_delay ${preemptDelaySeconds}`] : [];
}

function valueOn<T>({ id }: VrrpNode, values: { readonly [id: string]: T }, common: T): T {
  return Object.hasOwn(values, id) ? values[id] : common;
}

/** One line if all nodes have the same value, otherwise a line for each node. */
function perNode<T extends string | number>(
  keyword: string, nodes: VrrpNode[], values: { readonly [id: string]: T }, common: T,
): string[] {
  const valueOf = (node: VrrpNode) => word(`${valueOn(node, values, common)}`);
  const distinct = new Set(nodes.map(valueOf));
  return distinct.size > 1
    ? nodes.map(node => `@${word(node.id)} ${keyword} ${valueOf(node)}`)
    : [`${keyword} ${[...distinct][0] ?? word(`${common}`)}`];
}

/**
 * VRRPv3 has no authentication. An advert must have TTL 255, so it cannot have passed a router (RFC 9568, 5.1.1.3).
 * With unicast, keepalived checks this only with `min_ttl`, which also turns on `check_unicast_src`.
 */
function writeUnicast(out: TextWriter, instance: VrrpInstance, nodes: VrrpNode[]): void {
  const peers = nodes.flatMap(({ id, [instance.family]: address }) =>
    address === undefined ? [] : [{ id: word(id), address: word(address) }]);
  if (peers.length === 0) {
    return;
  }
  peers.forEach(peer => out.line(`@${peer.id} unicast_src_ip ${peer.address}`));
  out.line('unicast_ttl 255');
  writeList(out, 'unicast_peer', peers.map(peer => `@^${peer.id} ${peer.address} min_ttl 255`));
}

/** Without `dev`, keepalived uses the interface of the adverts. */
function onDevice(addresses: string[], { addressInterface }: VrrpInstance): string[] {
  const device = addressInterface === undefined ? '' : ` dev ${word(addressInterface)}`;
  return [...addresses].sort().map(address => `${word(address)}/${hostPrefix(address)}${device}`);
}

function writeBlock(out: TextWriter, name: string, lines: string[]): void {
  out.blank();
  writeList(out, name, lines);
}

function writeList(out: TextWriter, name: string, lines: string[]): void {
  if (lines.length > 0) {
    out.block(`${name} {`, () => lines.forEach(line => out.line(line)), '}');
  }
}
