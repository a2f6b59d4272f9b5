// the port guard, run with less than a pod's privileges beside real listeners
import * as http from 'http';
import type { Server, Socket } from 'net';
import { EdgeNode } from './edge-node';
import { describeEngineInPod } from './engines';
import { PodSandbox } from './pod-sandbox';
import { portGuardCommand } from '../../src/config/guard/port-guard';

const HEALTH = { address: '127.0.0.1', port: 18021, path: '/healthz' };
const MIGRATE = 'net.ipv4.tcp_migrate_req';

// any engine would do: the guard needs none
describeEngineInPod('nginx', binary => {
  let node: EdgeNode;
  let servers: Server[];

  beforeEach(async () => {
    node = await EdgeNode.create();
    servers = [];
  });
  afterEach(async () => {
    servers.forEach(server => server.close());
    await node.destroy();
  });

  const listen = async (port: number, host: string, onConnection?: (socket: Socket) => void): Promise<Server> => {
    const server = await node.listen(port, host, onConnection);
    servers.push(server);
    return server;
  };

  const guard = async (health = HEALTH) => {
    const process = {
      command: portGuardCommand({ ports: [80, 443, HEALTH.port], identity: 'edge/front', health }),
      files: { none: '' },
      readiness: [],
      preStop: [],
      writableDirectories: [],
    };
    const pod = await PodSandbox.start(node, { binary, process, capabilities: [] });
    const status = await pod.exited;
    expect(pod.stderr).toBe('');
    return { status, lines: pod.stdout.trimEnd().split('\n') };
  };
  /** A health endpoint that answers `body`. */
  const healthEndpoint = async (body: string, host = HEALTH.address): Promise<Server> => {
    const server = http.createServer(({ url, httpVersion }, response) => {
      const text = url === HEALTH.path && httpVersion === '1.1' ? body : 'wrong question';
      response.setHeader('Content-Length', text.length).end(text);
    });
    return listen(HEALTH.port, host, socket => server.emit('connection', socket));
  };
  const refusal = (port: number) => `port-guard: port ${port} is held by a process that is no older pod of "edge/front", as 127.0.0.1:18021/healthz would say: `
    + `not starting. To find it: ss -ltnp 'sport = :${port}'. An older pod with another health port must be deleted first.`;

  test('lets the proxy start when its ports are free', async () => {
    expect((await guard()).status).toBe(0);
  });

  test.each([['127.0.0.1'], ['::']])('names the port that a stranger holds on %s', async address => {
    await listen(443, address);
    const { status, lines } = await guard();
    expect(status).toBe(1);
    expect(lines.slice(1)).toEqual([refusal(443)]);
  });

  test('does not mind other ports, nor connections from or to ours', async () => {
    await listen(8443, '0.0.0.0');
    const server = await listen(80, '127.0.0.1');
    const socket = await node.connect(80);
    await new Promise(resolve => server.close(resolve) && setTimeout(resolve, 50));
    expect(node.run(['ss', '--no-header', '--tcp', '--all', '--numeric', 'sport = :80'])).toMatch(/^ESTAB/);
    expect((await guard()).status).toBe(0);
    socket.destroy();
  });

  test.each([['127.0.0.1'], ['::1']])('knows an older pod of ours by its health endpoint on %s', async address => {
    await listen(80, '0.0.0.0');
    await healthEndpoint('edge/front 80 18021', address);
    expect((await guard({ ...HEALTH, address })).status).toBe(0);
  });

  test('names the port that a stranger holds beside an older pod of ours, which has others', async () => {
    await listen(443, '0.0.0.0');
    await healthEndpoint('edge/front 80 18021');
    expect(await guard()).toMatchObject({ status: 1, lines: [expect.anything(), refusal(443)] });
  });

  test.each([['edge/front-2 80 443 18021'], ['staging/front 80 443 18021']])('does not take a proxy with another name for ours: %s', async answer => {
    await healthEndpoint(answer);
    expect(await guard()).toMatchObject({ status: 1, lines: [expect.anything(), refusal(HEALTH.port)] });
  });

  test('ends in a few seconds when what holds the health port says nothing', async () => {
    await listen(HEALTH.port, HEALTH.address);
    const begin = Date.now();
    expect((await guard()).status).toBe(1);
    expect(Date.now() - begin).toBeLessThan(20_000);
  });

  test('waits for a process that is about to leave', async () => {
    const server = await listen(80, '0.0.0.0');
    setTimeout(() => server.close(), 1_500);
    expect((await guard()).status).toBe(0);
  });

  test('says how updates will go on this node', async () => {
    node.run(['sysctl', '-qw', `${MIGRATE}=1`]);
    expect((await guard()).lines).toEqual([`port-guard: hand-over is hitless: ${MIGRATE} is 1`]);
    node.run(['sysctl', '-qw', `${MIGRATE}=0`]);
    expect((await guard()).lines).toEqual([
      `port-guard: hand-over can reset a few new connections; for none, set ${MIGRATE}=1 in /etc/sysctl.d of this node`,
    ]);
  });
});
