// nginx under faults: full, short of descriptors, killed, without DNS, replaced
import { once } from 'events';
import type { Socket } from 'net';
import { describeEngineInPod } from '../support/describe-engine';
import * as plain from './golden/passthrough/model';
import { besideItsGateways, DRAIN_SECONDS, localProcess, logged, NginxNode, sleep } from './nginx-pod';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';

const passthrough = besideItsGateways(plain.proxy);

describeEngineInPod('nginx', binary => {
  let host: NginxNode;

  beforeEach(async () => {
    // connections in the accept queue of a closed listener move to the other process
    host = await NginxNode.create(binary, ['sysctl', '-qw', 'net.ipv4.tcp_migrate_req=1']);
    await host.patientGateway();
  });
  afterEach(() => host.destroy());

  const stillServed = async (socket: Socket) => {
    socket.write('still here');
    return String((await once(socket, 'data'))[0]);
  };

  describe('when it is full', () => {
    const small = { ...passthrough, maxConnections: 20 };
    /** Those of `count` new connections that were served. */
    const open = async (count: number): Promise<Socket[]> => {
      const sockets = await Promise.all(Array.from({ length: count }, async () => host.greeted()));
      return sockets.filter(socket => socket.bytesRead > 0);
    };

    test('closes what is too much, keeps the others, stays healthy and ready, and takes new ones when there is room', async () => {
      const pod = await host.start(small);
      const live = await open(80);
      expect(live).toHaveLength(small.maxConnections);
      expect(await host.node.get(340, '/healthz')).toEqual({ status: 200, body: 'edge-front 80 443 340' });
      await pod.ready(0);
      expect((await logged(pod, 60)).join('\n')).toMatch(/upstream=- connect=- status=503/);
      expect(await Promise.all(live.map(stillServed))).toEqual(live.map(() => 'still here'));
      live.forEach(socket => socket.destroy());
      await logged(pod, 80);
      expect(await open(4)).toHaveLength(4);
    });

    test('has room again after its workers were killed', async () => {
      const pod = await host.start(small);
      await open(80);
      await pod.exec(['bash', '-c', 'kill -KILL $(</proc/1/task/1/children)']);
      await sleep(500);
      expect(await open(4)).toHaveLength(4);
    });
  });

  /** A pod whose command comes after `script`, in the same container. */
  const startAfter = async (script: string): Promise<PodSandbox> => {
    const engineProcess: ContainerProcess = localProcess(passthrough);
    const pod = await host.run({ ...engineProcess, command: ['bash', '-c', `${script} && exec "$@"`, 'bash', ...engineProcess.command] });
    await pod.ready();
    return pod;
  };

  test('starts when the hard limit on descriptors is lower than what it was promised', async () => {
    const pod = await startAfter('ulimit -n 1000');
    expect((await host.greeted()).bytesRead).toBe(5);
    expect(pod.stderr).toContain('setrlimit(RLIMIT_NOFILE, 65536) failed (1: Operation not permitted)');
  });

  test('starts over the socket that a killed container left behind', async () => {
    await startAfter("perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' /run/front/health.sock");
    expect((await host.greeted()).bytesRead).toBe(5);
  });

  test('without DNS the new pod ends and the old one goes on', async () => {
    await host.start(passthrough);
    const blind = await host.run(localProcess(passthrough, {}));
    expect(await blind.exited).toBe(1);
    expect(blind.stderr).toContain('host not found in upstream "gateway.istio-ingress.svc.cluster.local.:10080"');
    expect((await host.greeted()).bytesRead).toBe(5);
  });

  test('is not ready because of a neighbour on the same ports', async () => {
    await host.start(passthrough);
    const silent = await host.run({ ...localProcess(passthrough), command: ['sleep', '600'] });
    await expect(silent.ready(0)).rejects.toThrow('not ready');
  });

  describe('hand-over', () => {
    const preStopped = async (pod: PodSandbox) => {
      const begun = Date.now();
      await Promise.all([pod.exec(localProcess(passthrough).preStop), pod.exited]);
      return Date.now() - begun;
    };

    /**
     * Eight clients, a new connection as soon as the last one is over, until told to stop; how many were served and
     * not.
     */
    const clients = (): () => Promise<{ served: number; lost: number }> => {
      const count = { served: 0, lost: 0 };
      let going = true;
      const client = async () => {
        while (going) {
          const socket = await host.greeted().catch(() => undefined);
          count[socket?.bytesRead ? 'served' : 'lost']++;
          socket?.destroy();
        }
      };
      const all = Promise.all(Array.from({ length: 8 }, client));
      return async () => {
        going = false;
        await all;
        return count;
      };
    };

    test('loses no new connection, lets live ones finish, stays healthy and ends with the last of them', async () => {
      const old = await host.start(passthrough);
      const live = await host.greeted();
      const stop = clients();
      await host.start(passthrough);
      await sleep(500);
      const ended = preStopped(old);
      await sleep(1_000);
      expect(await host.node.get(340, '/healthz')).toEqual({ status: 200, body: 'edge-front 80 443 340' });
      const { served, lost } = await stop();
      expect(served).toBeGreaterThan(100);
      expect(lost).toBe(0);
      expect(await stillServed(live)).toBe('still here');
      live.destroy();
      expect(await ended).toBeLessThan(DRAIN_SECONDS * 1_000);
    });

    test('writes the lines of its log that are still in memory', async () => {
      const pod = await host.start(passthrough);
      const live = await host.greeted();
      const ended = preStopped(pod);
      await sleep(500);
      live.destroy();
      await ended;
      expect(pod.stdout).toMatch(/ upstream=127\.0\.0\.\d:10080 .* sent=5 /);
    });

    test('connections that do not end are cut when the time is over', async () => {
      const pod = await host.start(passthrough);
      const live = await host.greeted();
      const cut = new Promise(resolve => live.once('close', resolve));
      const milliseconds = await preStopped(pod);
      await cut;
      expect(milliseconds).toBeGreaterThan(DRAIN_SECONDS * 1_000 - 200);
      expect(milliseconds).toBeLessThan(DRAIN_SECONDS * 1_000 + 2_000);
    });
  });
});
