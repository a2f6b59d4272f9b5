// edge nodes with keepalived, the hand-over and an echo server each, and a client, all on one switch
import { once } from 'events';
import { readFileSync } from 'fs';
import type * as net from 'net';
import { EdgeNode } from './edge-node';
import { PodSandbox } from './pod-sandbox';
import { VipNode } from './vip-lab';
import { pause, untilTrue } from './waiting';
import type { HandoverModel } from '../src/engines/handover/model';
import { handoverProcess } from '../src/engines/handover/process';
import { numberOf } from '../src/engines/handover/render-silence';
import type { KeepalivedModel, VrrpInstance } from '../src/engines/keepalived/model';
import { keepalivedProcess } from '../src/engines/keepalived/process';

export const ADDRESSES = ['192.0.2.100', '192.0.2.101', '2001:db8::100'];
const PORT = 443;

/** Long enough for a machine whose processors are all taken: there must be no move that the test has not asked for. */
const ADVERT_MS = 400;

export interface HandoverLabOptions {
  readonly preempt?: boolean;
  /** Kernel settings of the nodes, as `sysctl -w` takes them. */
  readonly settings?: string[];
  readonly advertMs?: number;
}

/** An open connection that tells whether it still works. */
export class Connection {
  public broken?: string;
  /** The node that answered first. */
  public node?: string;
  private answer = '';
  private sent = 0;

  constructor(private readonly socket: net.Socket) {
    socket.setNoDelay();
    socket.on('data', data => (this.answer += data));
    socket.on('error', error => (this.broken = error.message));
    socket.on('close', () => (this.broken ??= 'closed'));
    socket.resume();
  }

  /** Sends a line; the node that echoed it, or why none did. */
  public async ask(timeoutMs = 3_000): Promise<string> {
    const line = `${++this.sent}\n`;
    this.answer = '';
    this.socket.write(line);
    const deadline = Date.now() + timeoutMs;
    while (!this.broken && !this.answer.endsWith(line) && Date.now() < deadline) {
      await pause(20);
    }
    return this.broken ?? (this.answer.endsWith(line) ? this.answer.slice(0, -line.length) : 'silence');
  }

  public close(): void {
    this.socket.destroy();
  }
}

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
    return lab;
  }

  public readonly model: HandoverModel;
  private readonly servers = new Map<string, net.Server[]>();
  private readonly served = new Map<string, Set<net.Socket>>();
  private readonly handovers = new Map<string, PodSandbox>();

  private constructor(
    private readonly lan: EdgeNode,
    private readonly nodes: VipNode[],
    public readonly client: EdgeNode,
    private readonly binary: string,
    private readonly options: HandoverLabOptions,
  ) {
    this.model = {
      name: 'edge-vip',
      routingTable: 1_100,
      leaseSeconds: 6,
      lingerSeconds: 3600,
      nodes: nodes.map(({ id }, index) => ({ id, networkInterface: 'eth0', ipv4: `192.0.2.1${index + 1}`, ipv6: `2001:db8::1${index + 1}` })),
      ports: [PORT],
      instances: [
        { virtualRouterId: 100, advertMs: this.advertMs, addresses: ['192.0.2.100', '2001:db8::100'] },
        { virtualRouterId: 101, advertMs: this.advertMs, addresses: ['192.0.2.101'] },
      ],
    };
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
      env: { NODE_NAME: id },
    });
    this.handovers.set(id, pod);
    await untilTrue(() => pod.stdout.includes('\n'), 30_000);
    return pod;
  }

  public async startKeepalived(id: string): Promise<void> {
    const node = this.node(id);
    await node.pod?.kill();
    const process = { ...keepalivedProcess(this.keepalived()), preStop: [] };
    node.pod = await PodSandbox.start(node.node, {
      process, binary: this.binary, capabilities: ['net_admin', 'net_raw', 'setgid'], env: { NODE_NAME: id },
    });
    await node.pod.ready();
  }

  /** The start script finds that the configuration does not know the node, and ends. */
  public async refuseKeepalived(id: string): Promise<void> {
    await this.node(id).pod?.kill();
    const pod = await PodSandbox.start(this.node(id).node, {
      process: { ...keepalivedProcess(this.keepalived()), preStop: [] },
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

  /** The cable of a node is cut. */
  public cut(id: string): void {
    this.lan.run(['ip', 'link', 'set', `port${this.nodes.indexOf(this.node(id)) + 1}`, 'down']);
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
      socket.end();
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
  }

  private get advertMs(): number {
    return this.options.advertMs ?? ADVERT_MS;
  }

  private keepalived(): KeepalivedModel {
    const instance = (address: string, virtualRouterId: number): VrrpInstance => ({
      name: `vip-${virtualRouterId}`,
      family: 'ipv4',
      virtualRouterId,
      advertCentiseconds: this.advertMs / 10,
      preempt: this.options.preempt ?? false,
      preemptDelaySeconds: 0,
      networkInterfaces: {},
      defaultNetworkInterface: 'eth0',
      addresses: [address],
      excludedAddresses: virtualRouterId === 100 ? ['2001:db8::100'] : [],
      priorities: Object.fromEntries(this.nodes.map(({ id }, index) => [id, 250 - index])),
      defaultPriority: 250,
    });
    return {
      name: 'edge-vip',
      instances: [instance('192.0.2.100', 100), instance('192.0.2.101', 101)],
      checks: [],
      nodes: this.model.nodes.map(({ id, ipv4 }) => ({ id, ipv4 })),
      runDirectory: '/run/keepalived',
    };
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
