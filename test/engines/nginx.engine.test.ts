// nginx, judged by running it with a pod's privileges on ports 80 and 443
import { once } from 'events';
import { readdirSync } from 'fs';
import { join } from 'path';
import { clientHello } from './client-hello';
import { describeEngineInPod } from '../support/describe-engine';
import * as dualStack from './golden/dual-stack/model';
import * as plain from './golden/passthrough/model';
import * as proxyProtocol from './golden/pods-proxy-protocol/model';
import * as sni from './golden/sni-routes/model';
import { besideItsGateways, GATEWAY, HOSTS, localProcess, logged, NginxNode } from './nginx-pod';
import type { ProxyModel } from '../../src/engines/proxy-model';

const GOLDEN = join(__dirname, 'golden');
const passthrough = besideItsGateways(plain.proxy);
const sniRoutes = besideItsGateways(sni.proxy);

/** nginx says so whenever root without CAP_SETGID starts a worker, and whenever the machine's hard limit is lower. */
const HARMLESS = /\[emerg\].*initgroups\(root, 0\) failed|\[alert\].*setrlimit\(RLIMIT_NOFILE, \d+\) failed/;

describeEngineInPod('nginx', binary => {
  let host: NginxNode;

  beforeEach(async () => {
    host = await NginxNode.create(binary);
  });
  afterEach(() => host.destroy());

  describe('judges', () => {
    const VERDICT = 'nginx: the configuration file /etc/front-nginx.conf syntax is ok\n'
      + 'nginx: configuration file /etc/front-nginx.conf test is successful\n';
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const goldens: [string, { proxy?: ProxyModel }][] = readdirSync(GOLDEN).map(name => [name, require(join(GOLDEN, name, 'model'))]);

    const judge = async (model: ProxyModel): Promise<string> => {
      const pod = await host.run({ ...localProcess(model), command: ['nginx', '-t', '-e', 'stderr', '-c', '/etc/front-nginx.conf'] });
      await pod.exited;
      return pod.stderr;
    };

    test.each(goldens.filter(([, { proxy }]) => proxy))('golden %s to be fine, without a warning', async (_, { proxy }) => {
      expect(await judge(proxy!)).toBe(VERDICT);
    });

    test('thousands of routes, the longest names and its own keywords to be fine', async () => {
      const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.`;
      const many = Array.from({ length: 5_000 }, (_, i) => `shop-${i}.example.com`);
      const names = [...many, `${long}${'d'.repeat(61)}`, `*.${long}${'e'.repeat(59)}`, 'default', 'include', 'hostnames', 'volatile'];
      const routes = names.map(serverName => ({ serverName, upstream: 'gateway-443' }));
      expect(await judge({ ...passthrough, listeners: [{ name: 'https', addresses: ['0.0.0.0'], port: 443, routes }] })).toBe(VERDICT);
    });
  });

  test('serves 80 and 443 and logs one readable line for each connection', async () => {
    await host.gateway('plain', 10_080);
    await host.gateway('secure', 10_443);
    const pod = await host.start(passthrough);
    expect(await host.ask(80, 'one')).toBe('plain heard one');
    expect(await host.ask(443, 'two')).toBe('secure heard two');
    const line = (port: number, received: number, sent: number) => new RegExp(
      `^\\S+ 127.0.0.1:\\d+ to 127.0.0.1:${port} sni=- upstream=127.0.0.2:${port + 10_000} connect=\\S+ `
      + `status=200 received=${received} sent=${sent} seconds=\\S+$`);
    const lines = await logged(pod, 2);
    expect(lines).toHaveLength(3);
    // in no set order: each of the two workers writes what it has gathered when its own second is over
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(line(80, 3, 15)), expect.stringMatching(line(443, 3, 16)), '']));
    expect(pod.stderr.split('\n').filter(text => text && !HARMLESS.test(text))).toEqual([]);
  });

  test('logs only what failed, when told so', async () => {
    await host.gateway('plain');
    const pod = await host.start({ ...passthrough, logsSuccess: false });
    expect(await host.ask(80, 'one')).toBe('plain heard one');
    expect(await host.ask(443, 'two')).toBe('');
    expect(await logged(pod, 1)).toEqual([expect.stringMatching(/:443 sni=- upstream=127\.0\.0\.2:10443.* status=502 /), '']);
  });

  test('serves both families on every port', async () => {
    await host.gateway('plain');
    await host.start(besideItsGateways({ ...dualStack.proxy, upstreams: plain.proxy.upstreams }));
    expect(await host.ask(80, 'four')).toBe('plain heard four');
    expect(await host.ask(80, 'six', '::1')).toBe('plain heard six');
  });

  test('`::` is IPv6 only', async () => {
    await host.start({ ...passthrough, listeners: [{ ...passthrough.listeners[0], addresses: ['::'] }] });
    await expect(host.node.connect(80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('tells the gateway the client\'s address in PROXY protocol v1', async () => {
    await host.gateway('plain');
    await host.start(besideItsGateways(proxyProtocol.proxy));
    expect(await host.ask(80, 'x')).toMatch(/^plain heard PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ 80\r\n/);
  });

  test('answers for itself alone on the health port', async () => {
    const pod = await host.start({ ...passthrough, name: 'a "b" \\c; }\n#\t\'d\' é' });
    expect(await host.node.get(340, '/healthz')).toEqual({ status: 200, body: 'a "b" \\c; }\n#\t\'d\' é 80 443 340' });
    expect((await host.node.get(340, '/')).status).toBe(404);
    expect((await pod.exec(['ss', '--no-header', '--tcp', '--listening', '--numeric'])).stdout).not.toMatch(/(0\.0\.0\.0|\*|\[::\]):340/);
  });

  describe('with SNI routes', () => {
    const closed = '';
    test.each([
      [443, 'shop.example.com', 'shop'],
      [443, 'SHOP.Example.com', 'shop'],
      [443, 'a.shop.example.com', 'shop'],
      [443, 'a.b.shop.example.com', 'shop'],
      [443, 'other.example.com', 'gateway'],
      [443, 'a.b.example.com', 'gateway'],
      [443, 'notshop.example.com', 'gateway'],
      [443, 'example.com', closed],
      [443, 'example.org', closed],
      [443, undefined, closed],
      [8443, 'admin.example.com', 'shop'],
      [8443, 'x.admin.example.com', 'gateway'],
      [8443, undefined, 'gateway'],
    ])('port %d, server name %s: %s', async (port, name, expected) => {
      await host.gateway('gateway', 10_443, '127.0.0.2');
      await host.gateway('shop', 10_443, '127.0.0.3');
      await host.start(sniRoutes);
      expect((await host.ask(port, await clientHello(name))).split(' ')[0]).toBe(expected);
    });

    test('bytes that are not TLS have no server name', async () => {
      await host.gateway('gateway', 10_443);
      await host.start(sniRoutes);
      expect(await host.ask(443, 'GET / HTTP/1.1\r\n\r\n')).toBe(closed);
      expect(await host.ask(8443, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^gateway heard GET/);
    });

    test('the log tells the name, and that nothing serves it', async () => {
      const pod = await host.start(sniRoutes);
      await host.ask(443, await clientHello('example.org'));
      expect((await logged(pod, 1))[0]).toContain('sni=example.org upstream=_no_route connect=- status=502');
    });
  });

  test('tries the other address of a name when one refuses', async () => {
    await host.gateway('second', 10_080, '127.0.0.3');
    const pod = await host.start({ ...passthrough, concurrency: 1 }, { ...HOSTS, [GATEWAY]: ['127.0.0.2', '127.0.0.3'] });
    for (let i = 0; i < 20; i++) {
      expect(await host.ask(80, 'x')).toBe('second heard x');
    }
    await logged(pod, 20);
    expect(pod.stdout).toMatch(/upstream=127\.0\.0\.2:10080, 127\.0\.0\.3:10080 /);
  });

  test('gives up after maxConnectAttempts', async () => {
    const pod = await host.start(passthrough);
    expect(await host.ask(80, 'x')).toBe('');
    expect((await logged(pod, 1))[0]).toContain('upstream=127.0.0.2:10080, 127.0.0.2:10080, 127.0.0.2:10080 connect=-, -, - status=502');
  });

  test('waits no longer than connectTimeout for each attempt', async () => {
    host.node.run(['ip', 'route', 'add', '198.51.100.0/24', 'dev', 'lo']); // packets for this network come back, match no address, and are dropped
    await host.start(passthrough, { ...HOSTS, [GATEWAY]: ['198.51.100.2'] });
    const begun = Date.now();
    expect(await host.ask(80, 'x')).toBe('');
    expect(Date.now() - begun).toBeGreaterThan(3 * 250 - 20);
    expect(Date.now() - begun).toBeLessThan(3 * 250 + 1_000);
  });

  test('lets a client that has half closed its connection hear the answer', async () => {
    const slow = await host.listen(10_080, '127.0.0.2', socket => socket.on('data', () => setTimeout(() => socket.end('late answer'), 300)));
    Object.assign(slow, { allowHalfOpen: true });
    await host.start(passthrough);
    const socket = await host.node.connect(80);
    socket.end('question');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toBe('late answer');
  });

  test('closes idle connections, and asks on both sides whether the others are alive', async () => {
    await host.patientGateway();
    await host.start({ ...passthrough, idleTimeoutMs: 1_000 });
    const socket = await host.greeted();
    const connections = host.node.run(['ss', '--no-header', '--tcp', '--numeric', '--options', 'state', 'established']).split('\n');
    expect(connections.filter(line => /127\.0\.0\.1:80 +127\.0\.0\.1:.*timer:\(keepalive,(5\d|1min)/.test(line))).toHaveLength(1);
    expect(connections.filter(line => /127\.0\.0\.2:10080 +timer:\(keepalive/.test(line))).toHaveLength(1);
    await once(socket, 'close');
  });
});
