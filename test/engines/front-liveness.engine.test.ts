// the liveness probe of front proxies: a hung process fails it; a full, starved or lonely one passes
import { spawn } from 'child_process';
import { once } from 'events';
import { readdirSync, readFileSync } from 'fs';
import type { Server, Socket } from 'net';
import { proxy as passthrough } from './golden/passthrough/model';
import { besideItsGateways, localProcess, sleep } from './nginx-pod';
import { CpuQuota } from '../../sandbox/cpu-quota';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ProxyModel } from '../../src/engines/proxy-model';
import { LIVENESS } from '../../src/workload/engine-workload';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(180_000);

const GATEWAY = 'gateway.istio-ingress.svc.cluster.local';
const TIMES = { lameDuckSeconds: 0, drainSeconds: 3 };
const FULL = 8;

const withResolver = (process: ContainerProcess): ContainerProcess =>
  ({ ...process, files: { ...process.files, 'resolv.conf': DnsServer.RESOLV_CONF } });

const ENGINES: { [engine in 'envoy' | 'haproxy' | 'nginx']: (model: ProxyModel) => ContainerProcess } = {
  envoy: model => withResolver(envoyProcess(model, TIMES)),
  haproxy: model => withResolver(haproxyProcess(model, TIMES)),
  nginx: model => localProcess(model),
};

/** Stops one thread until perl ends: by ptrace (101 on x86-64) and PTRACE_ATTACH (16), because SIGSTOP stops all threads. */
const HOLD_THREAD = 'syscall(101, 16, 0 + $ARGV[0], 0, 0) == 0 or die "$!"; $| = 1; print "held"; sleep 600';

const numbersIn = (path: string) => readFileSync(path, 'utf8').trim().split(' ').filter(text => text).map(Number);

describe.each(Object.entries(ENGINES))('%s', (engine, processOf) => describeEngineInPod(engine as keyof typeof ENGINES, binary => {
  let node: EdgeNode;
  let dns: DnsServer;
  let pods: PodSandbox[];
  let clients: Socket[];
  let servers: Server[];
  const model = besideItsGateways({ ...passthrough, maxConnections: FULL });

  beforeEach(async () => {
    node = await EdgeNode.create();
    dns = await DnsServer.start(node);
    dns.addresses.set(GATEWAY, ['127.0.0.2']);
    [pods, clients, servers] = [[], [], []];
  });

  afterEach(async () => {
    clients.forEach(socket => socket.destroy());
    await Promise.all(pods.map(pod => pod.kill()));
    servers.forEach(server => server.close());
    dns.stop();
    await node.destroy();
  });

  async function start(): Promise<PodSandbox> {
    const pod = await PodSandbox.start(node, { binary, process: processOf(model) });
    pods.push(pod);
    await pod.ready();
    return pod;
  }

  /** A connection to port 80, unless it is reset at once. */
  async function client(onGreeting: (socket: Socket) => void = () => undefined): Promise<void> {
    const socket = await node.connect(80).catch(() => undefined);
    if (socket) {
      clients.push(socket.on('error', () => socket.destroy()).once('data', () => onGreeting(socket)));
    }
  }

  const probe = async (pod: PodSandbox, prefix?: string[]) => pod.exec(processOf(model).liveness, prefix);
  const children = (pod: PodSandbox) => numbersIn(`/proc/${pod.pid}/task/${pod.pid}/children`);
  const all = (pod: PodSandbox) => [pod.pid, ...children(pod)];
  const signal = (pids: number[], name: NodeJS.Signals) => pids.forEach(pid => process.kill(pid, name));

  test('passes, and says nothing', async () => {
    expect(await probe(await start())).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('fails while the proxy hangs, and says so', async () => {
    const pod = await start();
    signal(all(pod), 'SIGSTOP');
    const { status, stdout } = await probe(pod);
    expect(stdout).toMatch(/listeners? of port 340 accepts? nothing/);
    expect(status).toBe(1);
    signal(all(pod), 'SIGCONT');
    expect(await probe(pod)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('of two proxies on a node, fails for the one that hangs only', async () => {
    const [old, next] = [await start(), await start()];
    signal(all(old), 'SIGSTOP');
    expect(await Promise.all([probe(old), probe(next)])).toMatchObject([{ status: 1 }, { status: 0 }]);
    signal(all(old), 'SIGCONT');
    signal(all(next), 'SIGSTOP');
    expect(await Promise.all([probe(old), probe(next)])).toMatchObject([{ status: 0 }, { status: 1 }]);
  });

  if (engine === 'nginx') {
    test('fails while one worker hangs; without its master, nginx serves on and it passes', async () => {
      const pod = await start();
      const [worker] = children(pod);
      signal([worker], 'SIGSTOP');
      expect(await probe(pod)).toMatchObject({ status: 1, stdout: '1 listener of port 340 accepts nothing\n' });
      signal([worker], 'SIGCONT');
      signal([pod.pid], 'SIGSTOP');
      expect(await probe(pod)).toMatchObject({ status: 0 });
    });
  }

  if (engine === 'envoy') {
    test.each([
      ['wrk:worker_0', /^1 listener of port 340 accepts nothing\n$/],
      ['envoy', /^no answer at \/run\/front\/admin.sock\n$/],
    ])('fails while its thread %s hangs', async (name, report) => {
      const pod = await start();
      const thread = readdirSync(`/proc/${pod.pid}/task`)
        .find(id => readFileSync(`/proc/${pod.pid}/task/${id}/comm`, 'utf8').trim() === name)!;
      const holder = spawn('perl', ['-e', HOLD_THREAD, thread], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await once(holder.stdout, 'data');
        expect(await probe(pod)).toMatchObject({ status: 1, stdout: expect.stringMatching(report) });
      } finally {
        holder.kill('SIGKILL');
      }
    });
  }

  test('passes while the proxy is full', async () => {
    servers.push(await node.listen(10_080, '127.0.0.2', socket => socket.write('hello')));
    const pod = await start();
    const greeted: Socket[] = [];
    for (let i = 0; i < 5 * FULL; i++) {
      await client(socket => greeted.push(socket));
    }
    await sleep(500);
    expect(greeted.length).toBe(FULL);
    expect(await probe(pod)).toMatchObject({ status: 0 });
  });

  test('passes without any gateway or name server', async () => {
    const pod = await start();
    dns.down = true;
    await client();
    await sleep(2_000);
    expect(await probe(pod)).toMatchObject({ status: 0 });
  });

  test('passes while proxy and probe together get a hundredth of a CPU', async () => {
    const pod = await start();
    const quota = CpuQuota.create(0.01);
    all(pod).forEach(pid => quota.add(pid));
    try {
      const begun = Date.now();
      expect(await probe(pod, quota.enter)).toMatchObject({ status: 0 });
      const seconds = (Date.now() - begun) / 1000;
      expect(seconds).toBeGreaterThan(1);
      expect(seconds).toBeLessThan(LIVENESS.timeoutSeconds);
    } finally {
      await pod.kill();
      await quota.destroy();
    }
  });
}));
