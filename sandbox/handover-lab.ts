// edge nodes with keepalived, the hand-over and an echo server each, and a client, all on one switch
import { once } from 'events';
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import type * as net from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { Connection } from './connection';
import { EdgeNode } from './edge-node';
import { ADDRESSES, CHECK, handoverModel, keepalivedModel, PORT, RUN_DIRECTORY } from './handover-models';
import type { HandoverLabOptions } from './handover-models';
import { PodSandbox } from './pod-sandbox';
import { VipNode } from './vip-lab';
import type { Health } from './vip-lab';
import { pause, untilTrue } from './waiting';
import type { HandoverModel } from '../src/engines/handover/model';
import { handoverProcess } from '../src/engines/handover/process';
import { numberOf } from '../src/engines/handover/render-silence';
import { keepalivedProcess } from '../src/engines/keepalived/process';


/** The nodes `edge-1` (192.0.2.11, 2001:db8::11) and so on. */
export class HandoverLab {
  public static async create(count: number, binary: string, options: HandoverLabOptions = {}): Promise<HandoverLab> {
    const settings = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', ...options.settings ?? []];
    const lan = await EdgeNode.create(
      ['ip', 'link', 'add', 'switch', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0'],
      ['ip', 'link', 'set', 'switch', 'up'],
    );
    const ids = Array.from({ length: count }, (_, index) => `edge-${index + 1}`);
    const nodes = await Promise.all(ids.map((id, index) => VipNode.create(id, index + 1, lan, settings)));
    const client = await EdgeNode.create(
      ['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'client', 'netns', `${lan.pid}`],
      ['ip', 'link', 'set', 'eth0', 'up'],
      ['ip', 'address', 'add', '192.0.2.50/24', 'dev', 'eth0'],
      ['ip', 'address', 'add', '2001:db8::50/64', 'dev', 'eth0', 'nodad'],
    );
    lan.run(['ip', 'link', 'set', 'client', 'master', 'switch', 'up']);
    const lab = new HandoverLab(lan, nodes, client, binary, options);
    await Promise.all(nodes.map(node => lab.serve(node)));
    await Promise.all(ids.map(id => lab.become(id, 'healthy')));
    return lab;
  }

  public readonly model: HandoverModel;
  private readonly servers = new Map<string, net.Server[]>();
  private readonly served = new Map<string, Set<net.Socket>>();
  private readonly handovers = new Map<string, PodSandbox>();
  /** What the two containers of a pod share. */
  private readonly folders = new Map<string, string>();

  private constructor(
    private readonly lan: EdgeNode,
    private readonly nodes: VipNode[],
    public readonly client: EdgeNode,
    private readonly binary: string,
    private readonly options: HandoverLabOptions,
  ) {
    nodes.forEach(({ id }) => this.folders.set(id, mkdtempSync(join(tmpdir(), 'edge-run-'))));
    this.model = handoverModel(nodes.map(({ id }) => id), options);
  }

  public node(id: string): VipNode {
    return this.nodes.find(node => node.id === id)!;
  }

  /** The hand-over's container. */
  public handover(id: string): PodSandbox {
    return this.handovers.get(id)!;
  }

  public async startHandover(id: string, change: { model?: HandoverModel; image?: string } = {}): Promise<PodSandbox> {
    await this.handovers.get(id)?.kill();
    const pod = await PodSandbox.start(this.node(id).node, {
      process: { ...handoverProcess(change.model ?? this.model), readiness: [], preStop: [], writableDirectories: [] },
      binary: this.binary,
      capabilities: ['net_admin', 'net_raw'],
      image: change.image,
      volumes: this.volumes(id),
      env: { NODE_NAME: id },
    });
    this.handovers.set(id, pod);
    await untilTrue(() => pod.stdout.includes('\n'), 30_000);
    return pod;
  }

  public async startKeepalived(id: string): Promise<void> {
    const node = this.node(id);
    await node.pod?.kill();
    const process = { ...keepalivedProcess(keepalivedModel(this.model, this.options)), preStop: [] };
    node.pod = await PodSandbox.start(node.node, {
      process, binary: this.binary, capabilities: ['net_admin', 'net_raw', 'setgid'], env: { NODE_NAME: id }, volumes: this.volumes(id),
    });
    await node.pod.ready();
  }

  /** The start script finds that the configuration does not know the node, and ends. */
  public async refuseKeepalived(id: string): Promise<void> {
    await this.node(id).pod?.kill();
    const pod = await PodSandbox.start(this.node(id).node, {
      process: { ...keepalivedProcess(keepalivedModel(this.model, this.options)), preStop: [] },
      binary: this.binary,
      capabilities: ['net_admin', 'net_raw', 'setgid'],
      env: { NODE_NAME: 'another' },
    });
    await pod.exited;
  }

  /** Both on all nodes; the first node holds the addresses. */
  public async startAll(handover = true): Promise<void> {
    const [{ id: first }, ...others] = this.nodes;
    await Promise.all([this.startKeepalived(first), ...this.nodes.map(({ id }) => handover && this.startHandover(id))]);
    await this.moved();
    await Promise.all(others.map(({ id }) => this.startKeepalived(id)));
    await this.moved();
    if (this.options.spread) {
      await Promise.all(this.nodes.map(({ id }) => this.ready(id)));
    }
  }

  /** Waits until all other nodes know that this one takes new connections, or that it does not. */
  public async ready(id: string, state: 'ready' | 'unready' = 'ready'): Promise<void> {
    const flag = `ready${this.nodes.indexOf(this.node(id)) + 1}`;
    const others = this.nodes.filter(node => node.id !== id);
    await untilTrue(() => others.every(({ node }) => ['ip', 'ip6'].every(family => (
      node.run(['nft', 'list', 'set', family, 'edge-vip', flag]).includes('expires') === (state === 'ready')))));
  }

  /** Changes how the health endpoint of a node answers; what it serves stays as it is. */
  public async become(id: string, health: Health): Promise<void> {
    await this.node(id).become(health, CHECK.port, CHECK.address);
  }

  /** The nodes that have the address on their interface. */
  public holders(address: string): string[] {
    return this.nodes.filter(node => node.addresses('eth0').includes(address)).map(node => node.id);
  }

  /** Waits until every address has one holder, another than `from`; the holder of the first address. */
  public async moved(from?: string): Promise<string> {
    await untilTrue(() => ADDRESSES.every(address => this.holders(address).length === 1 && this.holders(address)[0] !== from));
    return this.holders(ADDRESSES[0])[0];
  }

  /** Keepalived ends as it does when its pod is deleted. */
  public async endKeepalived(id: string): Promise<void> {
    this.node(id).pod!.signal('SIGTERM');
    await this.node(id).pod!.exited;
  }

  /** To keepalived, its child and its checkers; where the signal kills, kubelet starts nothing anew. */
  public signalKeepalived(id: string, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    const parent = this.node(id).pod!.pid;
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
    [...children, parent].forEach(pid => process.kill(pid, signal));
  }

  public async connect(address: string, port = PORT): Promise<Connection> {
    return new Connection(await this.client.connect(port, address));
  }

  /** `each` connections to every address. */
  public async open(each: number): Promise<Connection[]> {
    return Promise.all(ADDRESSES.flatMap(address => Array.from({ length: each }, () => this.connect(address))));
  }

  /** Those that get another answer than the first time. */
  public async broken(connections: Connection[]): Promise<string[]> {
    const answers = await Promise.all(connections.map(connection => connection.ask()));
    return answers.flatMap((answer, index) => answer === (connections[index].node ??= answer) ? [] : [`${connections[index].node}: ${answer}`]);
  }

  /** What all of them get, and from how many. */
  public async answers(connections: Connection[], timeoutMs?: number): Promise<{ [answer: string]: number }> {
    const counts: { [answer: string]: number } = {};
    (await Promise.all(connections.map(connection => connection.ask(timeoutMs)))).forEach(answer => (counts[answer] = (counts[answer] ?? 0) + 1));
    return counts;
  }

  /** The nodes that answer the client when it looks for an address, by ARP or neighbour discovery. */
  public async answering(address: string): Promise<string[]> {
    const table = address.includes(':') ? 'ip6' : 'arp';
    const rule = table === 'arp'
      ? `type filter hook input priority 0; arp operation reply arp saddr ip ${address} update @who { ether saddr }`
      : `type filter hook input priority 0; icmpv6 type nd-neighbor-advert @th,64,128 ${numberOf(address)} update @who { ether saddr }`;
    this.client.run(['nft', `table ${table} watch { set who { type ether_addr; flags dynamic; size 64; }; chain in { ${rule}; }; }`]);
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        this.client.run(['ip', 'neigh', 'flush', 'to', address]);
        this.client.run(['sh', '-c', `ping -q -n -c 1 -W 0.2 ${address} || true`]);
      }
      await pause(200);
      const seen = this.client.run(['nft', 'list', 'set', table, 'watch', 'who']);
      return this.nodes.filter(node => seen.includes(node.hardwareAddress('eth0'))).map(node => node.id);
    } finally {
      this.client.run(['nft', 'delete', 'table', table, 'watch']);
    }
  }

  /** The cable of a node is cut, or plugged in again. */
  public cut(id: string, state: 'down' | 'up' = 'down'): void {
    this.lan.run(['ip', 'link', 'set', `port${this.nodes.indexOf(this.node(id)) + 1}`, state]);
  }

  /** A node whose cable was cut comes back from a restart: it has forgotten everything. */
  public async comeBack(id: string): Promise<void> {
    const { node, pod } = this.node(id);
    await Promise.all([this.handovers.get(id)?.kill(), pod?.kill()]);
    this.served.get(id)!.forEach(socket => socket.resetAndDestroy());
    node.run(['nft', 'flush', 'ruleset']);
    node.run(['ip', 'address', 'flush', 'dev', 'lo', 'label', 'lo:edge*']);
    ['-4', '-6'].forEach(family => node.run(['ip', family, 'rule', 'flush', 'table', `${this.model.routingTable}`]));
    this.virtualAddresses(id).forEach(address => node.run(['ip', 'address', 'del', address, 'dev', 'eth0']));
    await pause(200);
    this.cut(id, 'up');
    await this.startHandover(id);
    await this.startKeepalived(id);
  }

  /** What the hand-over has put on a node. */
  public traces(id: string): string[] {
    const { node } = this.node(id);
    return [
      ['ip', '-4', 'address', 'show', 'dev', 'lo', 'scope', 'host', 'label', 'lo:edge*'],
      ...['-4', '-6'].flatMap(family => [['ip', family, 'rule', 'show', 'priority', '1100'], ['ip', family, 'route', 'show', 'table', 'all', 'type', 'local', 'dev', 'lo']]),
      ['nft', 'list', 'tables'],
    ].flatMap(command => node.run(command).split('\n').map(line => line.trim())).filter(line => /192\.0\.2\.10|2001:db8::10|edge-vip/.test(line));
  }

  /** The server closes all its connections first, and has them in TIME_WAIT. */
  public async closeConnections(id: string): Promise<void> {
    await Promise.all([...this.served.get(id)!].map(async socket => {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    }));
  }

  /** The hand-over ends as it does when its pod is deleted, if it has not ended. */
  public async endHandover(id: string): Promise<void> {
    const pod = this.handovers.get(id)!;
    if (await Promise.race([pod.exited, pause(0)]) === undefined) {
      pod.signal('SIGTERM');
      await pod.exited;
    }
  }

  /** No process of the node listens any more; its open connections stay. */
  public stopListening(id: string): void {
    this.servers.get(id)!.forEach(server => server.close());
  }

  /** The server forgets its connections, and the clients hear nothing of it. */
  public async forgetConnections(id: string): Promise<void> {
    this.client.run(['nft', 'table inet deaf { chain in { type filter hook input priority 0; tcp sport 443 drop; }; }']);
    this.served.get(id)!.forEach(socket => socket.resetAndDestroy());
    await pause(200);
    this.client.run(['nft', 'delete', 'table', 'inet', 'deaf']);
  }

  /** The directories that the containers of a node's pod share. */
  public volumes(id: string): { [directory: string]: string } {
    return { [RUN_DIRECTORY]: this.folders.get(id)! };
  }

  public logs(): string {
    return this.nodes.map(({ id, pod }) => `--- ${id}\n${pod?.stdout}${pod?.stderr}${this.handovers.get(id)?.stdout}${this.handovers.get(id)?.stderr}`).join('\n');
  }

  public async destroy(): Promise<void> {
    this.served.forEach(sockets => sockets.forEach(socket => socket.destroy()));
    this.nodes.forEach(({ id }) => this.stopListening(id));
    await Promise.all([...this.handovers.values()].map(pod => pod.kill()));
    await Promise.all(this.nodes.map(node => node.destroy()));
    await this.client.destroy();
    await this.lan.destroy();
    this.folders.forEach(folder => rmSync(folder, { recursive: true }));
  }

  private virtualAddresses(id: string): string[] {
    return this.node(id).addresses('eth0').filter(address => ADDRESSES.includes(address));
  }

  private async serve({ id, node }: VipNode): Promise<void> {
    const sockets = new Set<net.Socket>();
    this.served.set(id, sockets);
    this.servers.set(id, await Promise.all(['0.0.0.0', '::'].map(address => node.listen(PORT, address, socket => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('data', data => socket.write(`${id}${data}`));
    }))));
  }
}
