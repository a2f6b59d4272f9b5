// HAProxy under faults: full, without DNS, short of descriptors, replaced, killed
import type { Socket } from 'net';
import { describeEngineInPod } from '../support/describe-engine';
import { proxy as passthrough } from './golden/passthrough/model';
import { proxy as podsAndProxyProtocol } from './golden/pods-proxy-protocol/model';
import { eventually, HaproxyNode, next, PODS, SERVICE, sleep, withoutProxyProtocol } from './haproxy-pod';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { haproxyProcess } from '../../src/engines/haproxy/process';

const pods = withoutProxyProtocol(podsAndProxyProtocol);
const { preStop } = haproxyProcess(passthrough, { lameDuckSeconds: 0, drainSeconds: 3 });

describeEngineInPod('haproxy', binary => {
  let host: HaproxyNode;

  beforeEach(async () => {
    // connections in the accept queue of a closed listener move to the other process
    host = await HaproxyNode.create(binary, ['bash', '-c', 'echo 1 > /proc/sys/net/ipv4/tcp_migrate_req']);
    host.dns.addresses.set(SERVICE, ['127.0.0.20']);
    host.dns.addresses.set(PODS, ['127.0.0.11']);
    await host.gateway('127.0.0.11', 8080);
    await host.gateway('127.0.0.20', 9080, 1);
    await host.gateway('127.0.0.20', 9443, 2);
  });
  afterEach(() => host.destroy());

  const from = async (port: number) => {
    try {
      const socket = await host.node.connect(port);
      return await next(socket).finally(() => socket.destroy());
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };
  const stillServed = async (socket: Socket) => {
    socket.write('still here');
    return next(socket);
  };

  test('full: refuses over all ports together, answers health, keeps what it has, and takes new ones when there is room', async () => {
    const pod = await host.start({ ...passthrough, maxConnections: 4 });
    const live = await Promise.all([80, 80, 443, 443].map(async port => host.node.connect(port)));
    expect(await Promise.all(live.map(next))).toEqual(Array(4).fill('127.0.0.20'));
    const begun = Date.now();
    for (const port of [80, 443]) {
      expect(['closed', 'ECONNRESET']).toContain(await from(port));
    }
    expect(Date.now() - begun).toBeLessThan(1_000);
    expect(await host.node.get(340, '/healthz')).toEqual({ status: 200, body: 'edge-front 80 443 340' });
    await pod.ready(0);
    expect(await stillServed(live[3])).toBe('still here');
    live[0].destroy();
    await eventually(async () => expect(await from(443)).toBe('127.0.0.20'));
  });

  test('starts with a lower limit on descriptors than it was promised', async () => {
    const pod = await host.start(passthrough, ({ command }) => ({ command: ['bash', '-c', 'ulimit -n 256; exec "$@"', 'bash', ...command] }));
    expect(await from(80)).toBe('127.0.0.20');
    expect(pod.stderr).not.toMatch(/FD limit/);
  });

  test('starts without DNS, and serves as soon as there is one', async () => {
    host.dns.down = true;
    await host.start(pods);
    expect(await from(80)).toBe('closed');
    host.dns.down = false;
    await eventually(async () => expect(await from(80)).toBe('127.0.0.11'));
  });

  test('goes on with its last addresses when DNS goes away, for as long as the configuration says', async () => {
    const held = (seconds: number) => ({ files }: ContainerProcess) => ({
      files: { ...files, 'front-haproxy.cfg': files['front-haproxy.cfg'].replace('hold timeout 24h', `hold timeout ${seconds}s`) },
    });
    await host.start(pods, held(3));
    expect(await from(80)).toBe('127.0.0.11');
    host.dns.down = true;
    await eventually(async () => expect(await from(80)).toBe('closed'), 20_000);
  });

  test('a connection of the first moment waits for the first DNS answer', async () => {
    host.dns.down = true;
    await host.start(pods);
    const early = next(await host.node.connect(80));
    host.dns.down = false;
    expect(await early).toBe('127.0.0.11');
  });

  test('is not ready because of a neighbour on the same ports', async () => {
    await host.start(passthrough);
    const hanging = host.start(passthrough, () => ({ command: ['sleep', '600'] }));
    await expect(hanging).rejects.toThrow(/not ready.*health\.sock: No such file/s);
  });

  test('starts again over the socket of a process that was killed', async () => {
    const stale = "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' /run/front/health.sock";
    await host.start(passthrough, ({ command }) => ({ command: ['bash', '-c', `${stale} && exec "$@"`, 'bash', ...command] }));
  });

  describe('hand-over', () => {
    /** A new connection as fast as the last one is over, until told to stop; what they got. */
    function clients(count: number): () => Promise<(string | undefined)[]> {
      let going = true;
      const answers: (string | undefined)[] = [];
      const client = async () => {
        while (going) {
          answers.push(await from(80));
        }
      };
      const all = Promise.all(Array.from({ length: count }, client));
      return async () => {
        going = false;
        await all;
        return answers;
      };
    }

    const preStopped = async (pod: PodSandbox) => Promise.all([pod.exec(preStop), pod.exited]);

    test('loses no new connection, lets live ones finish, and ends with the last of them', async () => {
      const old = await host.start(pods);
      const live = await host.node.connect(80);
      await next(live);
      const stop = clients(8);
      await host.start(pods);
      await sleep(500);
      const ended = preStopped(old);
      await sleep(500);
      const answers = await stop();
      expect(answers.length).toBeGreaterThan(100);
      expect(answers.filter(answer => answer !== '127.0.0.11')).toEqual([]);
      expect(await stillServed(live)).toBe('still here');
      live.destroy();
      const begun = Date.now();
      await ended;
      expect(Date.now() - begun).toBeLessThan(1_500);
    });

    test('connections that do not end are cut when the time is over', async () => {
      const pod = await host.start(pods);
      const live = await host.node.connect(80);
      await next(live);
      const begun = Date.now();
      const cut = next(live);
      await preStopped(pod);
      expect(await cut).toBe('closed');
      expect(Date.now() - begun).toBeGreaterThan(2_900);
      expect(Date.now() - begun).toBeLessThan(6_000);
      expect(pod.stdout).toMatch(/upstream=gateway-80\/pod1 .* flags=K/);
    });
  });
});
