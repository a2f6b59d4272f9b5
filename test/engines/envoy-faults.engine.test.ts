// Envoy under faults: full, a gateway dead or unhealthy, no DNS, replaced under traffic
import type { Server, Socket } from 'net';
import { Edge, eventually, firstLine } from './edge';
import { describeEngineInPod } from '../support/describe-engine';
import { proxy as serviceModel } from './golden/passthrough/model';
import { proxy as podsModel } from './golden/pods-proxy-protocol/model';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import { envoyProcess } from '../../src/engines/envoy/process';
import type { ProxyModel } from '../../src/engines/proxy-model';

const PODS = 'gateway-pods.istio-ingress.svc.cluster.local';
const SERVICE = 'gateway.istio-ingress.svc.cluster.local';
/** Traffic on 80 only, so that a fake gateway can have 443; no PROXY protocol, so that an echo is one. */
const toService: ProxyModel = { ...serviceModel, listeners: [{ ...serviceModel.listeners[0], defaultUpstream: 'gateway-443' }] };
const toPods: ProxyModel = {
  ...podsModel,
  listeners: [podsModel.listeners[0]],
  upstreams: podsModel.upstreams.map(upstream => ({ ...upstream, sendProxyProtocol: false })),
};

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describeEngineInPod('envoy', binary => {
  let edge: Edge;

  afterEach(() => edge?.destroy());

  async function started(model: ProxyModel, drainSeconds = 10): Promise<PodSandbox> {
    const pod = await edge.start(binary, envoyProcess(model, { lameDuckSeconds: 3, drainSeconds: drainSeconds - 3 }));
    await pod.ready();
    return pod;
  }

  /** The different gateways that `count` new connections reach, one after the other. */
  async function reached(count: number): Promise<string[]> {
    const answers = new Set<string>();
    for (let i = 0; i < count; i++) {
      answers.add(await edge.reach(80).catch((error: NodeJS.ErrnoException) => `${error.code}`));
    }
    return [...answers].sort();
  }

  async function livesOn(socket: Socket): Promise<boolean> {
    const echo = firstLine(socket);
    socket.write('still here\n');
    return await echo === 'still here';
  }

  test('refuses the connection beyond maxConnections; health, readiness and the others live', async () => {
    edge = await Edge.create(443, SERVICE);
    const pod = await started({ ...toService, maxConnections: 3 });
    const clients = await Promise.all([1, 2, 3].map(() => edge.node.connect(80)));
    await Promise.all(clients.map(firstLine));

    expect(await reached(5)).toEqual(['']);
    expect(await edge.node.get(340, '/healthz')).toEqual({ status: 200, body: 'edge-front 80 340' });
    expect(await Promise.all(clients.map(livesOn))).toEqual([true, true, true]);
    await sleep(1200); // --file-flush-interval-msec
    await pod.ready(0);

    // the overload manager refused them, not a cluster's circuit breaker
    expect(pod.stdout).not.toContain('listener=http');

    clients[0].destroy();
    expect(await eventually(() => reached(2), ['127.0.0.11', '127.0.0.12'])).toEqual(['127.0.0.11', '127.0.0.12']);
  });

  test('stops accepting when its heap is full, rather than be killed with all connections; health is answered', async () => {
    edge = await Edge.create(443, SERVICE);
    await started({ ...toService, memoryLimitBytes: 4 * 1024 * 1024 });
    expect(await eventually(() => Promise.race([edge.reach(80), sleep(500).then(() => 'waits')]), 'waits')).toBe('waits');
    expect(await edge.node.get(340, '/healthz')).toMatchObject({ status: 200 });
  });

  test('tries another host when one refuses connections, without any health check', async () => {
    edge = await Edge.create(443, SERVICE);
    await started(toService);
    await edge.gateways[1].stop();
    expect(await reached(20)).toEqual(['127.0.0.11']);
  });

  test('tries another host when one swallows connections, after connectTimeout', async () => {
    edge = await Edge.create(443);
    edge.node.run(['ip', 'link', 'add', 'void0', 'type', 'veth', 'peer', 'name', 'void1']);
    edge.node.run(['ip', 'address', 'add', '198.51.100.1/24', 'dev', 'void0']);
    ['void0', 'void1'].forEach(link => edge.node.run(['ip', 'link', 'set', link, 'up']));
    edge.node.run(['ip', 'neigh', 'add', '198.51.100.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'void0']);
    edge.dns.addresses.set(SERVICE, ['198.51.100.2', '127.0.0.11']);
    await started(toService);
    const start = Date.now();
    expect(await reached(4)).toEqual(['127.0.0.11']);
    // two of four meet the silent host first
    expect(Date.now() - start).toBeGreaterThan(450);
    expect(Date.now() - start).toBeLessThan(2000);
  });

  test('leaves out a gateway that fails its check, keeps its connections, and tries all when all fail', async () => {
    edge = await Edge.create(8080, PODS);
    await started(toPods);
    const clients = await Promise.all([1, 2, 3, 4].map(() => edge.node.connect(80)));
    expect(new Set(await Promise.all(clients.map(firstLine)))).toEqual(new Set(['127.0.0.11', '127.0.0.12']));

    edge.gateways[0].healthStatus = 503;
    expect(await eventually(() => reached(6), ['127.0.0.12'])).toEqual(['127.0.0.12']);
    expect(await Promise.all(clients.map(livesOn))).toEqual([true, true, true, true]);

    edge.gateways[1].healthStatus = 503;
    expect(await eventually(() => reached(6), ['127.0.0.11', '127.0.0.12'])).toEqual(['127.0.0.11', '127.0.0.12']);
  });

  test('leaves out a gateway that died between two checks', async () => {
    edge = await Edge.create(8080, PODS);
    await started(toPods);
    await edge.gateways[1].stop();
    const answers = await Promise.all(Array.from({ length: 200 }, () => edge.reach(80)));
    expect(answers.filter(answer => answer !== '127.0.0.11').length).toBeLessThanOrEqual(10);
    expect(await reached(20)).toEqual(['127.0.0.11']);
  });

  test('goes on with the last addresses while DNS is down, asks for the full name only, and sees a change within seconds', async () => {
    edge = await Edge.create(443, SERVICE);
    await started(toService);
    expect(new Set(edge.dns.questions)).toEqual(new Set([SERVICE]));

    edge.dns.down = true;
    const asked = edge.dns.questions.length;
    await sleep(12_000);
    expect(edge.dns.questions.length).toBeGreaterThan(asked);
    expect(await reached(4)).toEqual(['127.0.0.11', '127.0.0.12']);

    edge.dns.down = false;
    edge.dns.addresses.set(SERVICE, ['127.0.0.12']);
    expect(await eventually(() => reached(4), ['127.0.0.12'])).toEqual(['127.0.0.12']);
  });

  test('goes on with gateways that pass their check while DNS has none, and forgets one that fails it', async () => {
    edge = await Edge.create(8080, PODS);
    await started(toPods);
    edge.dns.addresses.set(PODS, []);
    const asked = edge.dns.questions.length;
    await eventually(async () => edge.dns.questions.length > asked + 2, true);
    expect(await reached(6)).toEqual(['127.0.0.11', '127.0.0.12']);

    edge.gateways[0].healthStatus = 503;
    expect(await eventually(() => reached(6), ['127.0.0.12'])).toEqual(['127.0.0.12']);
    // the address belongs to another pod now, whose sidecar also passes the check
    await sleep(6000);
    edge.gateways[0].healthStatus = 200;
    await sleep(6000);
    expect(await reached(6)).toEqual(['127.0.0.12']);
  });

  test('starts within seconds while DNS is down, and serves when it is back', async () => {
    edge = await Edge.create(443, SERVICE);
    edge.dns.down = true;
    const pod = await edge.start(binary, envoyProcess(toService, { lameDuckSeconds: 3, drainSeconds: 7 }));
    await pod.ready(10_000);
    expect(await edge.node.get(340, '/healthz')).toMatchObject({ status: 200 });
    expect(await reached(2)).toEqual(['']);
    edge.dns.down = false;
    expect(await eventually(() => reached(4), ['127.0.0.11', '127.0.0.12'])).toEqual(['127.0.0.11', '127.0.0.12']);
  });

  test('is not ready when a stranger holds its port, though the port answers', async () => {
    edge = await Edge.create(443, SERVICE);
    const stranger: Server = await edge.node.listen(80, '0.0.0.0', socket => socket.end('stranger\n'));
    const pod = await edge.start(binary, envoyProcess(toService, { lameDuckSeconds: 3, drainSeconds: 7 }));
    expect(await pod.exited).toBe(1);
    expect(pod.stderr).toContain("cannot bind '0.0.0.0:80': Address already in use");
    stranger.close();
  });

  test('hands over to its successor: nothing new is lost, what is connected goes on, health never fails', async () => {
    edge = await Edge.create(443, SERVICE);
    const old = await started(toService);
    const longLived = await edge.node.connect(80);
    await firstLine(longLived);

    const outcome: { [answer: string]: number } = {};
    let running = true;
    const count = (answer: string) => { outcome[answer] = (outcome[answer] ?? 0) + 1; };
    const load = async () => {
      while (running) {
        await edge.reach(80).then(answer => count(answer ? 'served' : 'closed'), error => count(error.code));
      }
    };
    const watch = async () => {
      while (running) {
        await edge.node.get(340, '/healthz').then(({ status }) => count(`health ${status}`), error => count(`health ${error.code}`));
        await sleep(100);
      }
    };
    const clients = [load(), load(), load(), load(), watch()];
    const successor = await started(toService);
    const drained = old.exec(envoyProcess(toService, { lameDuckSeconds: 3, drainSeconds: 7 }).preStop);
    await sleep(6000);
    expect(await livesOn(longLived)).toBe(true);
    longLived.destroy();
    expect((await drained).status).toBe(0);
    old.signal('SIGTERM');
    expect(await old.exited).toBe(0);
    await sleep(500);
    running = false;
    await Promise.all(clients);

    expect(Object.keys(outcome).sort()).toEqual(['health 200', 'served']);
    expect(outcome.served).toBeGreaterThan(500);
    expect(successor.stdout).toContain('listener=http');
  });

  test('without a successor closes its health listener first, and the traffic 3 s later', async () => {
    edge = await Edge.create(443, SERVICE);
    const pod = await started(toService);
    const start = Date.now();
    const drained = pod.exec(envoyProcess(toService, { lameDuckSeconds: 3, drainSeconds: 7 }).preStop);
    await sleep(1500);
    await expect(edge.node.connect(340)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await reached(4)).toEqual(['127.0.0.11', '127.0.0.12']);
    expect((await drained).status).toBe(0);
    await expect(edge.node.connect(80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(Date.now() - start).toBeLessThan(6000);
  });

  test('gives up on connections that never end after drainSeconds', async () => {
    edge = await Edge.create(443, SERVICE);
    const pod = await started(toService, 5);
    await firstLine(await edge.node.connect(80));
    const start = Date.now();
    expect((await pod.exec(envoyProcess(toService, { lameDuckSeconds: 3, drainSeconds: 2 }).preStop)).status).toBe(0);
    expect(Math.round((Date.now() - start) / 1000)).toBe(5);
  });
});
