// edge nodes on one switch, each with a proxy that can be healthy, hung or dead, and a pod of keepalived
import { once } from 'events';
import type * as net from 'net';
import { EdgeNode } from './edge-node';
import { ExecResult, PodOptions, PodSandbox } from './pod-sandbox';
import { pause } from './waiting';
import type { ContainerProcess } from '../src/engines/container-process';
import type { KeepalivedModel, LocalCheck, VrrpInstance } from '../src/engines/keepalived/model';
import { keepalivedProcess } from '../src/engines/keepalived/process';

export interface VipPodOptions {
  /** Changes how the container runs. */
  readonly change?: (process: ContainerProcess) => ContainerProcess;
  readonly capabilities?: string[];
  /** Changes the image; see `PodOptions`. */
  readonly image?: string;
  readonly nodeName?: string;
  /** See `PodOptions`. */
  readonly volumes?: PodOptions['volumes'];
}

/** How the proxy of a node answers its health endpoint. `dead` refuses connections; `hung` accepts them and does not answer. */
export type Health = 'healthy' | 'sick' | 'hung' | 'dead';

/** Makes an image like Alpine's: /bin and /sbin are folders, and the only shell is /bin/sh. */
export const SPLIT_USR = `
mount -t tmpfs root /mnt
for entry in /*; do
  if [ -d "$entry" ] && [ "$entry" != /mnt ]; then
    mkdir "/mnt$entry"
    mount --rbind "$entry" "/mnt$entry"
  fi
done
mount --bind /dev/null /mnt/usr/bin/sh
cd /mnt
mkdir machine
pivot_root . machine
umount -l /machine`;

const CAPABILITIES = ['net_admin', 'net_raw', 'setgid'];

/** Settings of RHEL (rp_filter) and of kube-proxy's strictARP (the others), which tie an address to its interface. */
export const STRICT = ['net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2'];

/** One machine: `eth0` on the switch, the proxy's health endpoint, at most one pod of keepalived. */
export class VipNode {
  public static async create(id: string, number: number, lan: EdgeNode, settings: string[]): Promise<VipNode> {
    const node = await EdgeNode.create(
      ...settings.map(setting => ['sysctl', '-qw', setting]),
      ['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `port${number}`, 'netns', `${lan.pid}`],
      ['ip', 'link', 'set', 'eth0', 'up'],
      ['ip', 'address', 'add', `192.0.2.1${number}/24`, 'dev', 'eth0'],
      ['ip', 'address', 'add', `2001:db8::1${number}/64`, 'dev', 'eth0', 'nodad'],
    );
    lan.run(['ip', 'link', 'set', `port${number}`, 'master', 'switch', 'up']);
    return new VipNode(id, node);
  }

  public pod?: PodSandbox;
  private server?: net.Server;
  private readonly clients = new Set<net.Socket>();

  private constructor(public readonly id: string, public readonly node: EdgeNode) {}

  /** Another interface, on its own switch. */
  public addInterface(name: string, address: string, port: string, bridge: string, lan: EdgeNode): void {
    this.node.run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', port, 'netns', `${lan.pid}`]);
    lan.run(['ip', 'link', 'set', port, 'master', bridge, 'up']);
    this.node.run(['ip', 'link', 'set', name, 'up']);
    this.node.run(['ip', 'address', 'add', address, 'dev', name]);
  }

  /** Changes how the proxy answers. Open connections end, as after a kill. */
  public async become(health: Health, port: number, address: string): Promise<void> {
    this.clients.forEach(client => client.destroy());
    if (this.server) {
      const closed = once(this.server, 'close');
      this.server.close();
      await closed;
      this.server = undefined;
    }
    if (health !== 'dead') {
      this.server = await this.node.listen(port, address, client => this.answer(client, health));
    }
  }

  /** All addresses of the machine, or of one interface, without prefix length. */
  public addresses(...device: string[]): string[] {
    const links = JSON.parse(this.node.run(['ip', '-json', 'address', 'show', ...device])) as { addr_info: { local: string }[] }[];
    return links.flatMap(link => link.addr_info.map(info => info.local));
  }

  /** The hardware address of an interface. */
  public hardwareAddress(device: string): string {
    const [link] = JSON.parse(this.node.run(['ip', '-json', 'link', 'show', device])) as [{ address: string }];
    return link.address;
  }

  public async destroy(): Promise<void> {
    await this.pod?.kill();
    this.clients.forEach(client => client.destroy());
    this.server?.close();
    await this.node.destroy();
  }

  private answer(client: net.Socket, health: Health): void {
    this.clients.add(client);
    client.once('close', () => this.clients.delete(client));
    if (health !== 'hung') {
      const status = health === 'healthy' ? '200 OK' : '503 Service Unavailable';
      client.once('data', () => client.end(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`));
    }
  }
}

/** The nodes `edge-1` (192.0.2.11, 2001:db8::11), `edge-2` and so on; every proxy is healthy at first. */
export class VipLab {
  public static async create(model: KeepalivedModel, ids: string[] = ['edge-1', 'edge-2'], settings: string[] = []): Promise<VipLab> {
    const lan = await EdgeNode.create(
      ['ip', 'link', 'add', 'switch', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0'],
      ['ip', 'link', 'set', 'switch', 'up'],
    );
    const nodes = await Promise.all(ids.map((id, index) => VipNode.create(id, index + 1, lan, settings)));
    if (model.nodes.some(node => node.ipv4 !== undefined)) {
      // like a switch with IGMP snooping and no querier: a node that falls back to multicast reaches no other node
      ids.forEach((_, index) => lan.run(['ip', 'link', 'set', `port${index + 1}`, 'type', 'bridge_slave', 'mcast_flood', 'off']));
    }
    const lab = new VipLab(model, lan, nodes);
    await Promise.all(ids.map(id => lab.become(id, 'healthy')));
    return lab;
  }

  private constructor(private readonly model: KeepalivedModel, private readonly lan: EdgeNode, private readonly nodes: VipNode[]) {}

  public node(id: string): VipNode {
    return this.nodes.find(node => node.id === id)!;
  }

  public async become(id: string, health: Health): Promise<void> {
    const [{ port, address, secondAddress }] = this.model.checks;
    await this.node(id).become(health, port, secondAddress ?? address);
  }

  /**
   * A second switch, `eth1` of every node on it (198.51.100.11, .12), and a client there, 198.51.100.50.
   * The caller destroys the client.
   */
  public async addClients(): Promise<EdgeNode> {
    this.lan.run(['ip', 'link', 'add', 'switch1', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0']);
    this.lan.run(['ip', 'link', 'set', 'switch1', 'up']);
    this.nodes.forEach((node, index) => node.addInterface('eth1', `198.51.100.1${index + 1}/24`, `clients${index + 1}`, 'switch1', this.lan));
    const client = await EdgeNode.create(
      ['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'client', 'netns', `${this.lan.pid}`],
      ['ip', 'link', 'set', 'eth0', 'up'],
      ['ip', 'address', 'add', '198.51.100.50/24', 'dev', 'eth0'],
    );
    this.lan.run(['ip', 'link', 'set', 'client', 'master', 'switch1', 'up']);
    return client;
  }

  /** The carrier of a node's `eth0` is lost, as when a cable is pulled, or it comes back. */
  public cable(id: string, state: 'pulled' | 'plugged'): void {
    this.lan.run(['ip', 'link', 'set', `port${this.nodes.indexOf(this.node(id)) + 1}`, state === 'pulled' ? 'down' : 'up']);
  }

  /** Starts keepalived on a node in place of the previous pod. It may still be unready, or have ended already. */
  public async start(id: string, binary: string, options: VipPodOptions = {}): Promise<PodSandbox> {
    const process = (options.change ?? (same => same))(keepalivedProcess(this.model));
    const node = this.node(id);
    await node.pod?.kill();
    node.pod = await PodSandbox.start(node.node, {
      process,
      binary,
      capabilities: options.capabilities ?? CAPABILITIES,
      image: options.image,
      volumes: options.volumes,
      env: { NODE_NAME: options.nodeName ?? id },
    });
    return node.pod;
  }

  /** Starts keepalived on every node. Waits until all are ready, and one node alone has held the addresses longer than an election takes. */
  public async startAll(binary: string): Promise<string> {
    for (const node of this.nodes) {
      await (await this.start(node.id, binary)).ready();
    }
    await pause(4 * 10 * Math.max(...this.model.instances.map(instance => instance.advertCentiseconds)));
    return this.settled();
  }

  /** The readiness probe of a node's pod. */
  public async probe(id: string): Promise<ExecResult> {
    return this.node(id).pod!.exec(keepalivedProcess(this.model).readiness);
  }

  /** Of each virtual address, the nodes that have it. */
  public holders(): { [address: string]: string[] } {
    const held = this.nodes.map(node => ({ id: node.id, addresses: node.addresses() }));
    const virtual = this.model.instances.flatMap(instance => [...instance.addresses, ...instance.excludedAddresses]);
    return Object.fromEntries(virtual.map(address => [address, held.filter(node => node.addresses.includes(address)).map(node => node.id)]));
  }

  /** Waits for the only node that holds all addresses, other than `but`. */
  public async settled(but?: string, timeoutMs = 8_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const holders = new Set(Object.values(this.holders()).map(ids => ids.join('+')));
      const [only] = [...holders];
      if (holders.size === 1 && this.nodes.some(node => node.id === only) && only !== but) {
        return only;
      }
      if (Date.now() > deadline) {
        throw new Error(`no single holder: ${JSON.stringify(this.holders())}\n${this.logs()}`);
      }
      await pause(10);
    }
  }

  public logs(): string {
    return this.nodes.map(node => `--- ${node.id}\n${node.pod?.stdout ?? ''}${node.pod?.stderr ?? ''}`).join('\n');
  }

  public async destroy(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.destroy()));
    await this.lan.destroy();
  }
}

/** The same model with fast adverts and checks, so that the suite is short. */
export function quick(model: KeepalivedModel, instance: Partial<VrrpInstance> = {}, check: Partial<LocalCheck> = {}): KeepalivedModel {
  return {
    ...model,
    instances: model.instances.map(given => ({ ...given, advertCentiseconds: 10, ...instance })),
    checks: model.checks.map(given => ({ ...given, timeoutMs: 600, fall: 1, rise: 1, ...check })),
  };
}
