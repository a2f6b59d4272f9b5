// client, front proxies and backend: a namespace each, a cable of their own between any two that talk
import { ChildProcess, spawn } from 'node:child_process';
import { WireTool } from './tool';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';

/** Does not pace, like cubic, which is the kernel's default and not a namespace's to choose; the machine's own may be BBR, which does. */
const WITHOUT_PACING = 'net.ipv4.tcp_congestion_control=reno';

/** Settings for ephemeral ports of docs/prerequisites.md. With the kernel's own, a connection a request uses up 28,000 ports in seconds. */
export const DOCUMENTED_PORTS = ['net.ipv4.ip_local_port_range=10240 65000', 'net.ipv4.tcp_tw_reuse=1'];

/** The kernel's own, which a new namespace has, said for a machine that was told something else. */
export const DEFAULT_PORTS = ['net.ipv4.ip_local_port_range=32768 60999', 'net.ipv4.tcp_tw_reuse=2'];

const settings = (ports: string[]) => ['sysctl', '-qw', ...ports, WITHOUT_PACING];

/** Ports of the backend: a Service's, those of the pods behind it, and a gateway's readiness. */
const BACKEND_PORTS = [80, 443, 8080, 8443, 15021];

/** A front proxy's machine. */
export interface FrontNode {
  readonly node: EdgeNode;
  /** Where the client reaches it. */
  readonly address: string;
  /** Where it reaches the backend. */
  readonly backend: string;
}

/** Addresses are those that RFC 2544 sets aside for benchmarks; a machine's number is in the third place. */
export class Wires {
  public static async lay(tool: WireTool): Promise<Wires> {
    const wires = new Wires(await EdgeNode.create(settings(DOCUMENTED_PORTS)), await EdgeNode.create(settings(DOCUMENTED_PORTS)));
    wires.cable(wires.client, 'backend', '198.18.0.1', wires.backend, 'client', '198.18.0.2');
    wires.start(wires.backend, tool.command('serve', '--listen', BACKEND_PORTS.map(port => `0.0.0.0:${port}`).join()));
    return wires;
  }

  /** Without a proxy in between. */
  public readonly direct = '198.18.0.2:8080';
  private readonly started: ChildProcess[] = [];
  private readonly fronts: EdgeNode[] = [];
  private readonly dns: DnsServer[] = [];
  private readonly pods: PodSandbox[] = [];

  private constructor(public readonly client: EdgeNode, public readonly backend: EdgeNode) {}

  /** A machine for one front proxy; all names of its DNS are the backend's. */
  public async addFront(names: string[] = [], ports = DOCUMENTED_PORTS): Promise<FrontNode> {
    const node = await EdgeNode.create(settings(ports));
    const number = this.fronts.push(node);
    const [address, backend] = [`198.18.${number}.2`, `198.19.${number}.2`];
    this.cable(this.client, `front${number}`, `198.18.${number}.1`, node, 'client', address);
    this.cable(node, 'backend', `198.19.${number}.1`, this.backend, `front${number}`, backend);
    const dns = await DnsServer.start(node);
    names.forEach(name => dns.addresses.set(name, [backend]));
    this.dns.push(dns);
    return { node, address, backend };
  }

  /** It ends with the wires. */
  public keep(pod: PodSandbox): PodSandbox {
    this.pods.push(pod);
    return pod;
  }

  public async remove(): Promise<void> {
    await Promise.all(this.pods.map(pod => pod.kill()));
    this.started.forEach(child => child.kill('SIGKILL'));
    this.dns.forEach(dns => dns.stop());
    await Promise.all([this.client, this.backend, ...this.fronts].map(node => node.destroy()));
  }

  private cable(one: EdgeNode, oneName: string, oneAddress: string, other: EdgeNode, otherName: string, otherAddress: string): void {
    one.run(['ip', 'link', 'add', oneName, 'type', 'veth', 'peer', 'name', otherName, 'netns', `${other.pid}`]);
    [[one, oneName, oneAddress] as const, [other, otherName, otherAddress] as const].forEach(([node, name, address]) => {
      node.run(['ip', 'address', 'add', `${address}/30`, 'dev', name]);
      node.run(['ip', 'link', 'set', name, 'up']);
    });
  }

  private start(node: EdgeNode, argv: string[]): void {
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...node.enter, ...argv];
    this.started.push(spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }));
  }
}
