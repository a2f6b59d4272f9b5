// HAProxy's own verdict on what is rendered for it, and where connections go
import { spawnSync } from 'child_process';
import { existsSync, readdirSync } from 'fs';
import { join } from 'path';
import { describeEngine, describeEngineInPod } from '../support/describe-engine';
import { proxy as dualStack } from './golden/dual-stack/model';
import { proxy as passthrough } from './golden/passthrough/model';
import { proxy as podsAndProxyProtocol } from './golden/pods-proxy-protocol/model';
import { proxy as sniRoutes } from './golden/sni-routes/model';
import { clientHello, eventually, HaproxyNode, next, PODS, SERVICE, withoutProxyProtocol } from './haproxy-pod';

const GOLDEN = join(__dirname, 'golden');
/** The first address refuses connections; the second does not answer. */
const REFUSING = '127.0.0.19';
const SILENT = '192.0.2.1';

describeEngine('haproxy', binary => {
  test.each(readdirSync(GOLDEN).filter(name => existsSync(join(GOLDEN, name, 'haproxy.cfg'))))('takes golden %s without a warning', name => {
    const { status, stdout, stderr } = spawnSync(binary, ['-c', '-f', join(GOLDEN, name, 'haproxy.cfg')], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`.replace('Configuration file is valid\n', '')).toBe('');
    expect(status).toBe(0);
  });
});

describeEngineInPod('haproxy', binary => {
  let host: HaproxyNode;

  beforeEach(async () => {
    host = await HaproxyNode.create(binary, ['ip', 'route', 'add', '192.0.2.0/24', 'dev', 'lo']);
    host.dns.addresses.set(SERVICE, ['127.0.0.20']);
  });
  afterEach(() => host.destroy());

  const from = async (port: number, address?: string) => {
    const socket = await host.node.connect(port, address);
    return next(socket).finally(() => socket.destroy());
  };

  test('serves on 80 and 443 and writes a line for each connection', async () => {
    await host.gateway('127.0.0.20', 9080, 1);
    await host.gateway('127.0.0.20', 9443, 2);
    const pod = await host.start(passthrough);
    expect(await from(80)).toBe('127.0.0.20');
    const socket = await host.node.connect(443);
    expect(await next(socket)).toBe('127.0.0.20');
    socket.end('hello');
    await eventually(() => expect(pod.stdout).toMatch(new RegExp('^\\S+ 127.0.0.1:\\d+ listener=https upstream=gateway-443/service '
      + 'host=127.0.0.20:9443 flags=-- retries=0 connect_ms=\\d+ total_ms=\\d+ received=5 sent=16$', 'm')));
    expect(pod.stderr).not.toMatch(/ALERT|main\(\)|config :/);
  });

  test('logs only what failed, when told so', async () => {
    await host.gateway('127.0.0.20', 9080, 1);
    const pod = await host.start({ ...passthrough, logsSuccess: false });
    expect(await from(80)).toBe('127.0.0.20');
    expect(await from(443)).toBe('closed');
    await eventually(() => expect(pod.stdout).toMatch(/listener=https upstream=gateway-443\/service host=127\.0\.0\.20:9443 flags=SC retries=\+?2 /));
    expect(pod.stdout.split('\n')).toHaveLength(1 + 1);
  });

  test('serves both families', async () => {
    host.dns.addresses.set(PODS, ['127.0.0.11']);
    await host.gateway('127.0.0.11', 8080);
    await host.start(dualStack);
    expect(await from(80, '127.0.0.1')).toBe('127.0.0.11');
    expect(await from(80, '::1')).toBe('127.0.0.11');
  });

  test('answers health with its name, and nothing else', async () => {
    const odd = 'a "b" \'c\' $HOME ${HOME} \\ #d; } %ci @e\n\ttail';
    await host.start({ ...passthrough, name: odd });
    expect(await host.node.get(340, '/healthz')).toEqual({ status: 200, body: `${odd} 80 443 340` });
    expect(await host.node.get(340, '/')).toMatchObject({ status: 404 });
  });

  test('balances over pods and tells them the client by PROXY protocol v2, but not in checks', async () => {
    host.dns.addresses.set(PODS, ['127.0.0.11', '127.0.0.12']);
    const gateways = [await host.gateway('127.0.0.11', 8080), await host.gateway('127.0.0.12', 8080)];
    await host.start(podsAndProxyProtocol);
    expect([await from(80), await from(80)].sort()).toEqual(['127.0.0.11', '127.0.0.12']);
    for (const gateway of gateways) {
      await eventually(() => expect(gateway.received[0]?.subarray(0, 24).toString('hex'))
        .toMatch(/^0d0a0d0a000d0a515549540a2111000c7f0000017f000001/));
      await eventually(() => expect(String(gateway.checks[0])).toMatch(/^GET \/healthz\/ready HTTP\/1\.1\r\nhost: gateway-pods\.istio-ingress/i));
    }
  });

  test('tries another host when one refuses or says nothing', async () => {
    host.dns.addresses.set(PODS, [REFUSING, SILENT, '127.0.0.11']);
    await host.gateway('127.0.0.11', 8080);
    const pod = await host.start(podsAndProxyProtocol);
    for (let connection = 0; connection < 6; connection++) {
      expect(await from(80)).toBe('127.0.0.11');
    }
    await eventually(() => expect(pod.stdout).toMatch(/retries=\+?2/));
  });

  test('keeps a live connection of a pod whose check fails, and sends new ones elsewhere', async () => {
    host.dns.addresses.set(PODS, ['127.0.0.11']);
    const sick = await host.gateway('127.0.0.11', 8080);
    await host.gateway('127.0.0.20', 9080, 1);
    await host.start(withoutProxyProtocol(podsAndProxyProtocol));
    const live = await host.node.connect(80);
    expect(await next(live)).toBe('127.0.0.11');
    sick.healthStatus = 503;
    // no pod is healthy: HAProxy uses the ClusterIP
    await eventually(async () => expect(await from(80)).toBe('127.0.0.20'));
    live.write('still here');
    expect(await next(live)).toBe('still here');
    sick.healthStatus = 200;
    await eventually(async () => expect(await from(80)).toBe('127.0.0.11'));
  });

  describe('by server name', () => {
    beforeEach(async () => {
      host.dns.addresses.set('shop.other.svc.cluster.local', ['127.0.0.30']);
      await host.gateway('127.0.0.20', 9443, 1);
      await host.gateway('127.0.0.30', 9443, 2);
    });

    const greeted = async (port: number, hello: Buffer, at = hello.length) => {
      const socket = await host.node.connect(port);
      socket.write(hello.subarray(0, at));
      if (at < hello.length) {
        setTimeout(() => socket.write(hello.subarray(at)), 100);
      }
      return next(socket).finally(() => socket.destroy());
    };
    const [gateway, shop] = ['127.0.0.20', '127.0.0.30'];

    test('the exact name wins, then the longest wildcard, then the default', async () => {
      const pod = await host.start({ ...sniRoutes, logsSuccess: true });
      const answers = async (port: number, ...names: string[]) =>
        Promise.all(names.map(async name => [name, await greeted(port, await clientHello(name))]));
      const table = {
        'shop.example.com': shop,
        'a.shop.example.com': shop,
        'a.b.shop.example.com': shop,
        'a.example.com': gateway,
        'a.b.example.com': gateway,
        'example.com': 'closed',
        'shop.example.org': 'closed',
        'notexample.com': 'closed',
      };
      expect(Object.fromEntries(await answers(443, ...Object.keys(table)))).toEqual(table);
      expect(await answers(8443, 'admin.example.com', 'other.example.com')).toEqual([['admin.example.com', shop], ['other.example.com', gateway]]);
      await eventually(() => expect(pod.stdout).toMatch(/listener=https sni=a\.b\.shop\.example\.com upstream=shop-443/));
      expect(pod.stdout).toMatch(/listener=https sni=example\.com upstream=traffic\/<NOSRV>/);
    });

    test('in any case, and in any pieces', async () => {
      await host.start(sniRoutes);
      const hello = await clientHello('shop.example.com');
      expect(await greeted(443, Buffer.from(hello.toString('latin1').replace('shop.example', 'SHOP.eXample'), 'latin1'))).toBe(shop);
      for (const at of [1, 5, 6, 44, 100, hello.length - 1]) {
        expect([at, await greeted(443, hello, at)]).toEqual([at, shop]);
      }
    });

    test('no name is no match: closed or to the default, at once for what is not TLS', async () => {
      await host.start(sniRoutes);
      expect(await greeted(443, await clientHello())).toBe('closed');
      expect(await greeted(8443, await clientHello())).toBe(gateway);
      expect(await greeted(443, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe('closed');
      expect(await greeted(8443, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe(gateway);
    });

    test('a client that says nothing is no match after five seconds, and is served at once where there are no routes', async () => {
      await host.gateway('127.0.0.20', 9080, 3);
      await host.start(sniRoutes);
      const begun = Date.now();
      expect(await from(80)).toBe(gateway);
      expect(Date.now() - begun).toBeLessThan(2_000);
      expect(await Promise.all([from(443), from(8443)])).toEqual(['closed', gateway]);
      expect(Date.now() - begun).toBeGreaterThan(4_500);
    });

    test('a name cannot forge a line of the log', async () => {
      const pod = await host.start({ ...sniRoutes, logsSuccess: true });
      const hello = await clientHello('forged-log-line.example.com');
      await greeted(443, Buffer.from(hello.toString('latin1').replace('forged-log-line', '\nforged" \t line'), 'latin1'));
      await eventually(() => expect(pod.stdout).toMatch(/ sni=%0Aforged%22%20%09%20line\.example\.com upstream=gateway-443/));
    });
  });
});
