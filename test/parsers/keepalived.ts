// what keepalived itself understands of keepalived.conf, by the dump that it writes on SIGUSR1, and what it must understand
import { SocketAddress } from 'net';
import type { KeepalivedModel, VrrpInstance } from '../../src/engines/keepalived/model';
import { binaryOf } from '../properties/valid-engines';
import { difference, leaves } from '../support/difference';
import { inBoxes } from '../support/engine-box';
import type { Files } from '../support/engine-box';

/** Starts keepalived, and asks until the dump is complete: the interfaces come last. */
const DUMP = `
mount -t tmpfs tmpfs /tmp
"$@" &> /run/log &
for turn in {1..200}; do [ -s /run/keepalived/main.pid ] && break; kill -0 "$!" || break; sleep 0.02; done
for turn in {1..50}; do kill -USR1 "$!" || break; sleep 0.1; grep -qs '< Interfaces >' /tmp/keepalived.data && break; done
cat /tmp/keepalived.data || cat /run/log
kill -KILL "$!"`;

/** The dump of one node. keepalived runs in a network of its own, and has the interfaces that the model names. */
export function dumpOf(files: Files, node: string, interfaces: string[]): string {
  const argv = [binaryOf('keepalived'), '--dont-fork', '--log-console', '--no-syslog', '--vrrp', '-p', '/run/keepalived/main.pid', '-r', '/run/keepalived/vrrp.pid'];
  const { stdout, error } = inBoxes(files, run => run(['bash', '-c', DUMP, 'bash', ...argv, '-i', node, '-f', '/etc/keepalived.conf'], interfaces));
  if (error || !stdout.includes('< Interfaces >')) throw error ?? new Error(`keepalived wrote no dump: ${stdout}`);
  return stdout;
}

export function interfacesOf({ instances }: KeepalivedModel): string[] {
  return [...new Set(instances.flatMap(({ defaultNetworkInterface, networkInterfaces, addressInterface = [] }) =>
    [defaultNetworkInterface, ...Object.values(networkInterfaces)].concat(addressInterface)))];
}

/** Lines of the parts of a section: a part has one space before it, its fields three, and the items of a field five. */
function partsOf(dump: string, section: string): string[][] {
  const [, text = ''] = new RegExp(`^------< ${section} >------\\n([^]*?)(?=^------<|(?![^]))`, 'm').exec(dump) ?? [];
  const parts: string[][] = [];
  text.split('\n').filter(line => line.trim() !== '').forEach(line => {
    const depth = line.length - line.trimStart().length;
    if (depth === 1) parts.push([line.trim()]);
    else if (depth === 3) parts.at(-1)!.push(line.trim());
    else parts.at(-1)![parts.at(-1)!.length - 1] += ` | ${line.trim()}`;
  });
  return parts;
}

/** What changes while keepalived runs, and what only one of the versions writes. */
const STATE = /^(State|Wantstate|Status|Result|Path|Init state|Last transition|Read timeout|Master down timer|Effective priority|Total priority|fd_in|No sockets|Last advert sent|Highest other priority|VRRPv3 uses VRRPv2 checksum = disabled|Number of |Flags of interface faults)\b/;

/** The value of each known line, and the other lines. Addresses are in one form. */
function fieldsOf(lines: string[], known: { readonly [begin: string]: string }): Understood {
  const left = lines.filter(line => !STATE.test(line)).map(line => line.replace(/, ifindex \d+$/, ''));
  const fields = Object.entries(known).map(([begin, name]): [string, string[]] => {
    const found = left.filter(line => line.startsWith(begin));
    found.forEach(line => left.splice(left.indexOf(line), 1));
    return [name, found.map(line => canonical(line.slice(begin.length).trim()))];
  });
  return { ...Object.fromEntries(fields), others: left };
}

interface Understood { readonly [field: string]: string[] }

function canonical(text: string): string {
  return text.replace(/[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/g, address => {
    try {
      return new SocketAddress({ address, family: 'ipv6' }).address;
    } catch {
      return address;
    }
  });
}

const INSTANCE = {
  'VRRP Instance =': 'name', 'Interface =': 'interface', 'Using src_ip =': 'source', 'Virtual Router ID =': 'vrid', 'Priority =': 'priority', 'Advert interval =': 'advert',
  'Preempt =': 'preempt', 'Preempt delay =': 'preemptDelay', 'Virtual IP (': 'addresses', 'Virtual IP Excluded :': 'excluded', 'Unicast Peer :': 'peers',
  'Tracked interfaces :': 'interfaces', 'Tracked scripts :': 'scripts', 'Tracked files :': 'files',
};

/** `baseline`: the dump of a configuration without settings, whose global lines are keepalived's defaults. */
export function understoodByKeepalived(dump: string, baseline: string): { readonly [part: string]: Understood } {
  const defaults = partsOf(baseline, 'Global definitions').map(([line]) => line);
  const globals = partsOf(dump, 'Global definitions').map(([line]) => line).filter(line => !defaults.includes(line) && !line.startsWith('Default interface ='));
  return {
    global: { others: globals.map(line => line.replace('fifo path = /usr/bin/dash, script', 'fifo script')) },
    ...Object.fromEntries([
      ...partsOf(dump, 'VRRP Topology').map(lines => [lines[0], fieldsOf(lines, INSTANCE)]),
      ...partsOf(dump, 'VRRP Scripts').map(lines => [lines[0], fieldsOf(lines, { 'Command =': 'command', 'Interval =': 'interval', 'Timeout =': 'timeout', 'Tracking instances :': 'instances' })]),
      ...partsOf(dump, 'VRRP Track files').map(lines => [lines[0], fieldsOf(lines, { 'File =': 'file', 'Tracking instances :': 'instances' })]),
    ]),
  };
}

/** A configuration without settings, and the node's interface for it. */
export const BASELINE: Files = { 'keepalived.conf': 'vrrp_instance none {\n  interface eth0\n  virtual_router_id 1\n  virtual_ipaddress {\n    192.0.2.1\n  }\n}\n' };

/** What it must understand on a node. */
export function expectedOfKeepalived(model: KeepalivedModel, node: string): { readonly [part: string]: Understood } {
  const byName = <T extends { readonly name: string }>(items: T[]) => [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
  const checks = byName(model.checks);
  const instances = byName(model.instances);
  const seconds = Math.ceil(Math.max(...checks.map(check => check.timeoutMs)) / 1000);
  const tracking = [['', ...instances.map(({ name }) => `| ${name}, weight 0`)].join(' ').trim()];
  const script = ['/usr/bin/sh', '/etc/keepalived-alive.sh', model.runDirectory, ...checks.map(({ name }) => name)].map(word => `'${word}'`).join(' ');
  return {
    global: { others: globalOf(model) },
    ...Object.fromEntries(instances.map(instance => [`VRRP Instance = ${instance.name}`, expectedInstance(instance, model, node)])),
    ...(checks.length > 0 && {
      'VRRP Script = checkers-alive': {
        command: [script], interval: [`${seconds} sec`], timeout: [`${seconds} sec`], instances: tracking,
        others: ['VRRP Script = checkers-alive', 'Weight = 0', 'Rise = 1', 'Fall = 5', 'Insecure = no', 'Script uid:gid = 0:0', 'VRRP instances :'],
      },
    }),
    ...Object.fromEntries(checks.map(({ name }) => [`Track file = ${name}`, {
      file: [`${model.runDirectory}/${name}.sick`], instances: tracking, others: [`Track file = ${name}`, 'Weight = 0'],
    }])),
  };
}

function expectedInstance(instance: VrrpInstance, model: KeepalivedModel, id: string): Understood {
  const { family, addressInterface, preempt, preemptDelaySeconds } = instance;
  const ownInterface = new Map(Object.entries(instance.networkInterfaces)).get(id) ?? instance.defaultNetworkInterface;
  const own = model.nodes.find(node => node.id === id)?.[family];
  const list = (items: string[]) => items.length === 0 ? [] : [items.map(item => `| ${item}`).join(' ')];
  const on = (addresses: string[]) => [...addresses].sort().map(address =>
    `${canonical(address)} dev ${addressInterface ?? ownInterface} scope global${address.includes(':') ? ' deprecated' : ''}`);
  const nodes = [...model.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const peers = nodes.filter(node => node.id !== id).map(node => `${canonical(node[family] ?? '')} min_ttl 255 max_ttl 255`);
  const checks = model.checks.map(({ name }) => `${name}, weight 0`).sort();
  return {
    name: [instance.name],
    interface: [ownInterface],
    source: [own === undefined ? '(none)' : `${canonical(own)} (from configuration)`],
    vrid: [`${instance.virtualRouterId}`],
    priority: [`${new Map(Object.entries(instance.priorities)).get(id) ?? instance.defaultPriority}`],
    advert: [`${instance.advertCentiseconds * 10} milli-sec`],
    preempt: [preempt ? 'enabled' : 'disabled'],
    preemptDelay: preempt && preemptDelaySeconds > 0 ? [`${preemptDelaySeconds} secs`] : [],
    addresses: [`${instance.addresses.length}): ${list(on(instance.addresses))[0]}`],
    excluded: list(on(instance.excludedAddresses)),
    peers: own === undefined ? [] : list(peers),
    // keepalived tracks its own interface always, and does not say so
    interfaces: list(addressInterface === undefined || addressInterface === ownInterface ? [] : [`${addressInterface} weight 0`]),
    scripts: list(checks.length > 0 ? ['checkers-alive weight 0'] : []),
    files: list(checks),
    others: [...ALWAYS, ...family === 'ipv6' ? ['Using Native IPv6'] : [], ...own === undefined
      ? ['Flags:', `Multicast address ${family === 'ipv6' ? 'ff02::12' : '224.0.0.18'}`]
      : ['Flags: | Using unicast', 'Unicast TTL = 255', 'Check unicast src : yes', 'Unicast checksum compatibility = no']],
  };
}

const globalOf = ({ name, runDirectory }: KeepalivedModel) => [
  `Router ID = ${name}`, `VRRP notify fifo = ${runDirectory}/notify, uid:gid 0:0`, `VRRP notify fifo script = '/usr/bin/sh' '/etc/keepalived-state.sh' '${runDirectory}/notify', uid:gid 0:0`,
  'Gratuitous ARP refresh timer = 60', 'Send advert after receive higher priority advert = true', 'VRRP default protocol version = 3', 'Max auto priority = Disabled',
  'Script security enabled',
];

const ALWAYS = [
  'VRRP Version = 3', 'Gratuitous ARP delay = 5', 'Gratuitous ARP repeat = 5', 'Gratuitous ARP refresh = 60', 'Gratuitous ARP refresh repeat = 1',
  'Gratuitous ARP lower priority delay = 5', 'Gratuitous ARP lower priority repeat = 5', 'Down timer adverts = 3', 'Send advert after receive lower priority advert = true',
  'Send advert after receive higher priority advert = true', 'Accept = enabled', 'Promote_secondaries = disabled', 'Using smtp notification = no', 'Notify deleted = Fault',
  'Notify priority changes = false',
];

/** How the two differ. Empty: they are the same. */
export function vipDifference(found: object, expected: object): string {
  return difference(...[found, expected].map(all => leaves(all).map(leaf => leaf.replace(/\/others\/\d+/, ''))) as [string[], string[]]);
}
