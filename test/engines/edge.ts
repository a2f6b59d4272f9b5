// a whole edge on one machine: a node, its DNS, two gateway pods, and front proxies as pods
import type { Socket } from 'net';
import { FakeGateway } from './fake-gateway';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';

export class Edge {
  /** `names` all resolve to the two gateways, 127.0.0.11 and 127.0.0.12, which greet on `port`. */
  public static async create(port: number, ...names: string[]): Promise<Edge> {
    const node = await EdgeNode.create(['sysctl', '-qw', 'net.ipv4.tcp_migrate_req=1']);
    const dns = await DnsServer.start(node);
    names.forEach(name => dns.addresses.set(name, ['127.0.0.11', '127.0.0.12']));
    const gateways = [await FakeGateway.start(node, '127.0.0.11', port), await FakeGateway.start(node, '127.0.0.12', port)];
    return new Edge(node, dns, gateways);
  }

  private readonly pods: PodSandbox[] = [];

  private constructor(readonly node: EdgeNode, readonly dns: DnsServer, readonly gateways: FakeGateway[]) {}

  /** A pod whose name server is this edge's. */
  public async start(binary: string, engineProcess: ContainerProcess, capabilities?: string[]): Promise<PodSandbox> {
    const files = { ...engineProcess.files, 'resolv.conf': DnsServer.RESOLV_CONF };
    const pod = await PodSandbox.start(this.node, { binary, process: { ...engineProcess, files }, capabilities });
    this.pods.push(pod);
    return pod;
  }

  /** Address of the gateway that a new connection reaches; '' if the connection is closed. */
  public async reach(port: number, bytes?: Buffer | string): Promise<string> {
    const socket = await this.node.connect(port);
    const answer = firstLine(socket);
    if (bytes) {
      socket.write(bytes);
    }
    const line = await answer;
    socket.destroy();
    return line;
  }

  public async destroy(): Promise<void> {
    await Promise.all(this.pods.map(pod => pod.kill()));
    await Promise.all(this.gateways.map(gateway => gateway.stop()));
    this.dns.stop();
    await this.node.destroy();
  }
}

/** Waits for the gateway's greeting on an open connection; '' if the connection is closed. */
export function firstLine(socket: Socket): Promise<string> {
  let text = '';
  return new Promise(resolve => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(''));
    socket.on('data', bytes => {
      text += bytes.toString('latin1');
      if (text.includes('\n')) {
        resolve(text.split('\n')[0]);
      }
    });
  });
}

/** Asks until the answer is the expected one; returns the last answer on timeout. */
export async function eventually<T>(ask: () => Promise<T>, expected: T, timeoutMs = 15_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) === JSON.stringify(expected) || Date.now() > deadline) {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
