// two edge nodes with a front proxy, keepalived and the hand-over, a client and a backend, all on one switch
import { ChildProcess, spawn } from 'node:child_process';
import { asWritten, GATEWAY_NAMES } from './fronts';
import { binaryOf, Front, podOf, processSeconds, startPod } from './pod';
import { WireTool } from './tool';
import { BACKEND_PORTS, DOCUMENTED_PORTS, WITHOUT_PACING } from './wires';
import { DnsServer } from '../../sandbox/dns-server';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { chartOf, Manifest, only, synth, TWO_NODES } from '../../sandbox/synth';
import { VipLab } from '../../sandbox/vip-lab';
import { untilTrue } from '../../sandbox/waiting';
import { FrontEnvoy, Handover, IngressGateway, KeepalivedVip, KeepalivedVipProps, VirtualAddress } from '../../src';
import { FRONT_HEALTH } from '../../src/front/plan';
import { planVip } from '../../src/vip/plan';

const EDGES = ['edge-1', 'edge-2'];
const VIRTUAL = '192.0.2.100';
/** The fourth machine of the lab. */
const BACKEND = '192.0.2.14';

const VIP: KeepalivedVipProps = {
  nodes: TWO_NODES, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of(VIRTUAL)], handover: Handover.SEAMLESS,
};

export class HandoverEdge {
  /** Everything runs except the hand-over. */
  public static async start(front: Front, cpus: string, tool: WireTool): Promise<HandoverEdge> {
    const model = planVip('edge-vip', VIP, [{ name: 'front', health: FRONT_HEALTH }]);
    const lab = await VipLab.create(model, [...EDGES, 'client', 'backend'], [...DOCUMENTED_PORTS, WITHOUT_PACING]);
    const edge = new HandoverEdge(lab, vipManifests());
    try {
      edge.serve(tool);
      for (const id of EDGES) await edge.startFront(id, front, cpus);
      for (const id of EDGES) await edge.startKeepalived(id);
      await edge.holder();
    } catch (error) {
      await edge.remove();
      throw error;
    }
    return edge;
  }

  public readonly target = `${VIRTUAL}:80`;
  private readonly children: ChildProcess[] = [];
  private readonly dns: DnsServer[] = [];
  private readonly fronts: PodSandbox[] = [];
  private readonly handovers = new Map<string, PodSandbox>();

  private constructor(private readonly lab: VipLab, private readonly manifests: Manifest[]) {}

  /** Enters the client's network. */
  public get client(): string[] {
    return this.lab.node('client').node.enter;
  }

  /** The running containers of the hand-over. */
  public get containers(): PodSandbox[] {
    return [...this.handovers.values()];
  }

  /** Starts or ends the hand-over on both nodes. */
  public async handOver(wanted: boolean): Promise<void> {
    if (wanted !== this.handovers.size > 0) {
      await Promise.all(EDGES.map(id => (wanted ? this.startHandover(id) : this.endHandover(id))));
    }
  }

  /** CPU seconds of front proxies and backend. */
  public cpuSeconds(): number {
    return [...this.fronts.map(pod => pod.pid), ...this.children.map(child => child.pid!)].map(processSeconds).reduce((total, each) => total + each);
  }

  /** Moves the address to the other node. Returns the node that had it. */
  public async move(): Promise<string> {
    const from = await this.holder();
    const keepalived = this.lab.node(from).pod!;
    keepalived.signal('SIGTERM');
    await keepalived.exited;
    await this.holder(from);
    return from;
  }

  public async startKeepalived(id: string): Promise<void> {
    const { process, capabilities } = podOf(this.manifests, this.workload, { NODE_NAME: id });
    await (await this.lab.start(id, binaryOf('keepalived'), { change: () => process, capabilities })).ready();
  }

  /** Limits what client and nodes send, in Gbit/s. */
  public limit(gigabits?: number): void {
    const queue = gigabits ? ['tbf', 'rate', `${gigabits}gbit`, 'burst', '1mb', 'latency', '10ms'] : ['noqueue'];
    [...EDGES, 'client'].forEach(id => this.lab.node(id).node.run(['tc', 'qdisc', 'replace', 'dev', 'eth0', 'root', ...queue]));
  }

  /** Number of connections to the address on a node. */
  public connections(id: string): number {
    return this.lab.node(id).node.run(['ss', '-Hnt', 'state', 'established', 'src', VIRTUAL]).split('\n').filter(line => line).length;
  }

  public async remove(): Promise<void> {
    this.children.forEach(child => child.kill('SIGKILL'));
    this.dns.forEach(dns => dns.stop());
    await Promise.all([...this.fronts, ...this.containers].map(pod => pod.kill()));
    await this.lab.destroy();
  }

  /** Waits for the only node that has the address on its interface, other than `but`. With the hand-over, all have it on `lo`. */
  private async holder(but?: string): Promise<string> {
    const holders = () => EDGES.filter(id => this.lab.node(id).addresses('eth0').includes(VIRTUAL));
    await untilTrue(() => holders().length === 1 && holders()[0] !== but);
    return holders()[0];
  }

  private get workload(): Manifest {
    return only(this.manifests, 'DaemonSet', 'edge-vip');
  }

  private serve(tool: WireTool): void {
    const listen = BACKEND_PORTS.map(port => `0.0.0.0:${port}`).join();
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...this.lab.node('backend').node.enter, ...tool.command('serve', '--listen', listen)];
    this.children.push(spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }));
  }

  private async startFront(id: string, front: Front, cpus: string): Promise<void> {
    await this.lab.become(id, 'dead'); // the front proxy answers from now on
    const { node } = this.lab.node(id);
    const dns = await DnsServer.start(node);
    GATEWAY_NAMES.forEach(name => dns.addresses.set(name, [BACKEND]));
    this.dns.push(dns);
    this.fronts.push(await startPod(node, front, asWritten()(front), cpus));
  }

  private async startHandover(id: string): Promise<void> {
    const env = { NODE_NAME: id };
    const pod = await PodSandbox.start(this.lab.node(id).node, {
      ...podOf(this.manifests, this.workload, env, 'handover'), env, binary: binaryOf('keepalived'),
    });
    this.handovers.set(id, pod);
    await untilTrue(() => pod.stdout.includes('survive a move'));
  }

  /** Removes what the container did at once. Its own end takes seconds, and the address can move meanwhile. */
  private async endHandover(id: string): Promise<void> {
    await this.handovers.get(id)!.kill();
    this.handovers.delete(id);
    this.lab.node(id).node.run(['sh', '-c', REMOVAL]);
  }
}

/** Only the hand-over has nftables rules there. Without it, the address has no lifetime. */
const REMOVAL = `
nft flush ruleset
ip rule del lookup 11100
ip route flush table 11100
ip address flush dev lo label lo:edge11100
[ -z "$(ip address show dev eth0 to ${VIRTUAL})" ] || ip address change ${VIRTUAL}/32 dev eth0 valid_lft 4294967295 preferred_lft 4294967295`;

/** The virtual IP, and a front proxy that it tracks. */
function vipManifests(): Manifest[] {
  const chart = chartOf();
  const front = new FrontEnvoy(chart, 'front', { nodes: TWO_NODES, gateway: new IngressGateway(chart, 'gateway') });
  new KeepalivedVip(chart, 'vip', VIP).track(front);
  return synth(chart);
}
