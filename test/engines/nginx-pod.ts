// nginx as the engine tests start it: a node with gateways that have names, and pods on it
import type * as net from 'net';
import { EdgeNode } from '../../sandbox/edge-node';
import { nginxModules } from '../../sandbox/engines';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { nginxProcess } from '../../src/engines/nginx/process';
import type { ShutdownTimes, ProxyModel, ServiceUpstream } from '../../src/engines/proxy-model';

export const GATEWAY = 'gateway.istio-ingress.svc.cluster.local';
export const DRAIN_SECONDS = 3;

/** Names of gateways → addresses. */
export type Hosts = { readonly [host: string]: string[] };
export const HOSTS: Hosts = {
  [GATEWAY]: ['127.0.0.2'],
  'shop.other.svc.cluster.local': ['127.0.0.3'],
  'internal.istio-ingress.svc.cluster.local': ['127.0.0.4'],
  'mail.istio-ingress.svc.cluster.local': ['127.0.0.5'],
};

/**
 * The same proxy with its gateways on ports of their own: here they share the node's network, and `0.0.0.0:80` is all
 * of port 80.
 */
export function besideItsGateways(model: ProxyModel): ProxyModel {
  const byName = model.upstreams as ServiceUpstream[];
  const upstreams = byName.map(upstream => ({ ...upstream, service: { ...upstream.service, port: upstream.service.port + 10_000 } }));
  return { ...model, upstreams };
}

/** `nginxProcess` with the modules that Debian's nginx has to load. */
export function debianProcess(model: ProxyModel, options: ShutdownTimes): ContainerProcess {
  const engineProcess = nginxProcess(model, options);
  const [[config, text]] = Object.entries(engineProcess.files);
  return { ...engineProcess, files: { ...engineProcess.files, [config]: nginxModules() + text } };
}

/** The same on this machine: names come from /etc/hosts, absolute as nginx asks for them. */
export function localProcess(model: ProxyModel, hosts: Hosts = HOSTS): ContainerProcess {
  const { files, ...engineProcess } = debianProcess(model, { lameDuckSeconds: 0, drainSeconds: DRAIN_SECONDS });
  const lines = Object.entries(hosts).flatMap(([host, addresses]) => addresses.map(address => `${address} ${host}.\n`));
  return { ...engineProcess, files: { ...files, 'hosts': lines.join(''), 'resolv.conf': 'nameserver 127.0.0.1\n' } };
}

/** A node whose gateways are servers of the test. */
export class NginxNode {
  public static async create(binary: string, ...commands: string[][]): Promise<NginxNode> {
    return new NginxNode(binary, await EdgeNode.create(...commands));
  }

  private readonly pods: PodSandbox[] = [];
  private readonly servers: net.Server[] = [];

  private constructor(private readonly binary: string, public readonly node: EdgeNode) {}

  /** nginx in a pod, ready. */
  public async start(model: ProxyModel, hosts?: Hosts): Promise<PodSandbox> {
    const pod = await this.run(localProcess(model, hosts));
    await pod.ready();
    return pod;
  }

  public async run(engineProcess: ContainerProcess): Promise<PodSandbox> {
    const pod = await PodSandbox.start(this.node, { binary: this.binary, process: engineProcess });
    this.pods.push(pod);
    return pod;
  }

  public async listen(port: number, host: string, onConnection: (socket: net.Socket) => void): Promise<net.Server> {
    const server = await this.node.listen(port, host, onConnection);
    this.servers.push(server);
    return server;
  }

  /** A gateway that says its name and what it heard first, then hangs up. */
  public async gateway(name: string, port = 10_080, host = '127.0.0.2'): Promise<void> {
    await this.listen(port, host, socket => socket.once('data', heard => socket.end(`${name} heard ${heard}`)));
  }

  /** A gateway that greets and then repeats what it hears. */
  public async patientGateway(): Promise<void> {
    await this.listen(10_080, '127.0.0.2', socket => {
      socket.write('hello');
      socket.on('data', heard => socket.write(heard));
    });
  }

  /** All that comes back for these bytes, until the connection is closed. */
  public async ask(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<string> {
    const socket = await this.node.connect(port, host);
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', chunk => (text += chunk));
    socket.write(bytes);
    await new Promise(resolve => socket.once('close', resolve));
    return text;
  }

  /** A connection to port 80; it has read the gateway's greeting, or nothing when nginx closed it. */
  public async greeted(): Promise<net.Socket> {
    const socket = await this.node.connect(80);
    socket.on('error', () => socket.destroy());
    await new Promise(resolve => socket.once('data', resolve).once('close', resolve));
    return socket;
  }

  public async destroy(): Promise<void> {
    await Promise.all(this.pods.map(pod => pod.kill()));
    this.servers.forEach(server => server.close());
    await this.node.destroy();
  }
}

/** Waits for so many lines of access log; a line is up to a second late. */
export async function logged(pod: PodSandbox, lines: number): Promise<string[]> {
  for (let i = 0; i < 150 && pod.stdout.split('\n').length <= lines; i++) {
    await sleep(20);
  }
  return pod.stdout.split('\n');
}

export async function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
