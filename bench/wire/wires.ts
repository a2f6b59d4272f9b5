// client, front proxies and backend: a namespace each, and a veth pair between any two that communicate
import { ChildProcess, spawn } from 'node:child_process';
import { WireTool } from './tool';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';

/** Does not pace. The host may use BBR, which paces, and a namespace may not choose cubic. */
export const WITHOUT_PACING = 'net.ipv4.tcp_congestion_control=reno';

/** From docs/prerequisites.md. With the defaults, one connection per request uses up the ports. */
export const DOCUMENTED_PORTS = ['net.ipv4.ip_local_port_range=10240 65000', 'net.ipv4.tcp_tw_reuse=1'];

/** The kernel's defaults, set explicitly in case the host has other settings. */
export const DEFAULT_PORTS = ['net.ipv4.ip_local_port_range=32768 60999', 'net.ipv4.tcp_tw_reuse=2'];

const settings = (ports: string[]) => ['sysctl', '-qw', ...ports, WITHOUT_PACING];

/** Ports of the backend: of a Service, of the pods behind it, and of a gateway's readiness. */
export const BACKEND_PORTS = [80, 443, 8080, 8443, 15021];

/** The machine of a front proxy. */
export interface FrontNode {
  readonly node: EdgeNode;
  /** The proxy's address for the client. */
  readonly address: string;
  /** The backend's address for the proxy. */
  readonly backend: string;
}

/** Addresses are from RFC 2544's range for benchmarks. The third byte is the front proxy's number. */
export class Wires {
  public static async lay(tool: WireTool): Promise<Wires> {
    const wires = new Wires(await EdgeNode.create(settings(DOCUMENTED_PORTS)), await EdgeNode.create(settings(DOCUMENTED_PORTS)));
    wires.cable(wires.client, 'backend', '198.18.0.1', wires.backend, 'client', '198.18.0.2');
    wires.start(wires.backend, tool.command('serve', '--listen', BACKEND_PORTS.map(port => `0.0.0.0:${port}`).join()));
    return wires;
  }

  /** The backend without a proxy. */
  public readonly direct = '198.18.0.2:8080';
  private readonly started: ChildProcess[] = [];
  private readonly fronts: EdgeNode[] = [];
  private readonly dns: DnsServer[] = [];
  private readonly pods: PodSandbox[] = [];

  private constructor(public readonly client: EdgeNode, public readonly backend: EdgeNode) {}

  /** A machine for one front proxy. Its DNS resolves all names to the backend. */
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

  /** Kills the pod when the wires are removed. */
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
