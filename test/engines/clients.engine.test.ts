// HAProxy and nginx with a client that opens as many connections as it can: the limit for each client
import type { Socket } from 'net';
import { EdgeNode } from '../../sandbox/edge-node';
import { describeEngineInPod } from '../support/describe-engine';
import { proxy as passthrough } from './golden/passthrough/model';
import { HaproxyNode, SERVICE, sleep } from './haproxy-pod';
import { besideItsGateways, NginxNode } from './nginx-pod';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ProxyModel } from '../../src/engines/proxy-model';

const LIMIT = 8;
const [http] = passthrough.listeners;
const model: ProxyModel = {
  ...passthrough, listeners: [{ ...http, addresses: ['0.0.0.0', '::'] }], logsSuccess: false, maxConnections: 100, maxConnectionsPerClient: LIMIT,
};
const SERVER_IPV6 = '2001:db8::99';
/** Clients of two IPv6 networks: `a1` and `a2` are in one. */
const [a1, a2, b] = ['2001:db8:0:a::1', '2001:db8:0:a:ffff::2', '2001:db8:0:b::1'];
// without an IPv4 address beside loopback's, getaddrinfo finds only IPv6 addresses of names
const ADDRESSES = [SERVER_IPV6, a1, a2, b, '192.0.2.99'];

/** A node with one proxy. */
interface Host {
  readonly node: EdgeNode;
  start(proxy: ProxyModel): Promise<PodSandbox>;
  destroy(): Promise<void>;
}

function judge(create: () => Promise<Host>, refusal: RegExp) {
  let host: Host;

  beforeEach(async () => {
    host = await create();
  });
  afterEach(() => host.destroy());

  /** A connection that a gateway has greeted; undefined when it was closed instead. */
  const open = async (from: string): Promise<Socket | undefined> => {
    const socket = await host.node.connect(80, from.includes(':') ? SERVER_IPV6 : '127.0.0.1', from);
    socket.on('error', () => socket.destroy());
    await new Promise(resolve => socket.once('data', resolve).once('close', resolve));
    return socket.bytesRead > 0 ? socket : undefined;
  };
  /** Those of `count` new connections that were served. */
  const taken = async (from: string, count: number) => {
    const sockets = await Promise.all(Array.from({ length: count }, async () => open(from)));
    return sockets.filter(socket => socket);
  };
  const refusalsOf = async (pod: PodSandbox, client: string) => {
    await sleep(1_200); // a line is up to a second late
    return pod.stdout.split('\n').filter(line => line.includes(` ${client}:`) && refusal.test(line)).length;
  };

  test('gives a client no more than its share, says so in the log of failures, and serves another', async () => {
    const pod = await host.start(model);
    // every worker of nginx has its share
    expect(await taken('127.0.0.2', 10 * LIMIT)).toHaveLength(LIMIT);
    expect(await refusalsOf(pod, '127.0.0.2')).toBe(9 * LIMIT);
    expect(await taken('127.0.0.3', 2)).toHaveLength(2);
    expect(await refusalsOf(pod, '127.0.0.3')).toBe(0);
  });

  test('takes the addresses of one IPv6 /64 for one client, and those of another for another', async () => {
    await host.start(model);
    expect(await taken(a1, 10 * LIMIT)).toHaveLength(LIMIT);
    expect(await open(a2)).toBeUndefined();
    expect(await taken(b, 2)).toHaveLength(2);
  });

  test('serves a client again when it has closed its connections', async () => {
    await host.start(model);
    const first = await taken('127.0.0.2', 10 * LIMIT);
    first.forEach(socket => socket?.destroy());
    await sleep(300);
    expect(await taken('127.0.0.2', 2)).toHaveLength(2);
  });

  test('has a place for as many clients as there may be connections', async () => {
    await host.start({ ...model, maxConnectionsPerClient: 1, concurrency: 1 });
    const clients = Array.from({ length: 100 }, (_, i) => `127.0.1.${i + 1}`);
    const each = await Promise.all(clients.map(async client => open(client)));
    expect(each.filter(socket => socket)).toHaveLength(100);
    each.slice(1).forEach(socket => socket?.destroy());
    await sleep(300);
    expect(await open(clients[0])).toBeUndefined();
    expect(await open(clients[1])).toBeDefined();
  });

  return { host: () => host, taken };
}

describeEngineInPod('haproxy', binary => {
  judge(async () => {
    const host = await HaproxyNode.create(binary);
    await host.node.addAddresses(...ADDRESSES);
    host.dns.addresses.set(SERVICE, ['127.0.0.20']);
    await host.gateway('127.0.0.20', 9080, 1);
    return host;
  }, /flags=PR/);
});

describeEngineInPod('nginx', binary => {
  const { host, taken } = judge(async () => {
    const node = await NginxNode.create(binary);
    await node.node.addAddresses(...ADDRESSES);
    await node.patientGateway();
    return { node: node.node, start: proxy => node.start(besideItsGateways(proxy)), destroy: () => node.destroy() };
  }, /status=503/);

  test('serves a client again whose connections were a worker\'s that was killed', async () => {
    const pod = await host().start(model);
    expect(await taken('127.0.0.2', 10 * LIMIT)).toHaveLength(LIMIT);
    await pod.exec(['bash', '-c', 'kill -KILL $(</proc/1/task/1/children)']);
    await sleep(500);
    expect(await taken('127.0.0.2', 10 * LIMIT)).toHaveLength(LIMIT);
  });
});
