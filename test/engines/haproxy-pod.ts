// HAProxy as the engine tests start it: the rendered configuration in a pod, on a node with gateways and a name server
import type { Socket } from 'net';
import { Duplex } from 'stream';
import * as tls from 'tls';
import { FakeGateway } from './fake-gateway';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ProxyModel, ServiceUpstream } from '../../src/engines/proxy-model';

export const SERVICE = 'gateway.istio-ingress.svc.cluster.local';
export const PODS = 'gateway-pods.istio-ingress.svc.cluster.local';

/**
 * Gateways share the node's network here, and `0.0.0.0:80` is all of port 80: Services get ports of their own, 9080 and
 * 9443.
 */
export function besideItsGateways(model: ProxyModel): ProxyModel {
  const byName = model.upstreams as ServiceUpstream[];
  const upstreams = byName.map(upstream => ({ ...upstream, service: { ...upstream.service, port: upstream.service.port + 9000 } }));
  return { ...model, upstreams };
}

/** What a gateway gets is what the client said: a fake gateway would echo the header too. */
export function withoutProxyProtocol(model: ProxyModel): ProxyModel {
  return { ...model, upstreams: model.upstreams.map(upstream => ({ ...upstream, sendProxyProtocol: false })) };
}

/** A node with HAProxy, its gateways and its name server. */
export class HaproxyNode {
  public static async create(binary: string, ...commands: string[][]): Promise<HaproxyNode> {
    const node = await EdgeNode.create(...commands);
    return new HaproxyNode(binary, node, await DnsServer.start(node));
  }

  private readonly pods: PodSandbox[] = [];
  private readonly gateways: FakeGateway[] = [];

  private constructor(private readonly binary: string, public readonly node: EdgeNode, public readonly dns: DnsServer) {}

  /** HAProxy, ready; `change` is for what a test does to its container. */
  public async start(model: ProxyModel, change: (process: ContainerProcess) => Partial<ContainerProcess> = () => ({})): Promise<PodSandbox> {
    const rendered = haproxyProcess(besideItsGateways(model), { lameDuckSeconds: 0, drainSeconds: 3 });
    const process = { ...rendered, ...change(rendered) };
    const files = { ...process.files, 'resolv.conf': DnsServer.RESOLV_CONF };
    const pod = await PodSandbox.start(this.node, { binary: this.binary, process: { ...process, files } });
    this.pods.push(pod);
    await pod.ready();
    return pod;
  }

  public async gateway(address: string, port: number, healthPort?: number): Promise<FakeGateway> {
    const gateway = await FakeGateway.start(this.node, address, port, healthPort);
    this.gateways.push(gateway);
    return gateway;
  }

  public async destroy(): Promise<void> {
    await Promise.all(this.pods.map(pod => pod.kill()));
    await Promise.all(this.gateways.map(gateway => gateway.stop()));
    this.dns.stop();
    await this.node.destroy();
  }
}

/**
 * The first line that the other side says next, without its end; `closed` when it ends or resets the connection
 * instead.
 */
export async function next(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    socket.once('data', text => resolve(String(text).split('\n')[0]));
    socket.on('error', () => socket.destroy()).once('close', () => resolve('closed'));
  });
}

/** First bytes of a TLS client that asks for this name, or for none. */
export async function clientHello(servername?: string): Promise<Buffer> {
  return new Promise(resolve => {
    const wire = new Duplex({ read: () => undefined, write: resolve });
    tls.connect({ socket: wire, servername }).on('error', () => undefined);
  });
}

export async function eventually(assertion: () => void | Promise<void>, timeoutMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await sleep(20);
    }
  }
}

export async function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
