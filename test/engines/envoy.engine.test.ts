// Envoy judges every golden file, and does with traffic what the model says
import { spawnSync } from 'child_process';
import { existsSync, readdirSync } from 'fs';
import { join } from 'path';
import * as fc from 'fast-check';
import { clientHello } from './client-hello';
import { Edge, eventually } from './edge';
import { TEXTS } from '../properties/hostile-values';
import { describeEngine, describeEngineInPod } from '../support/describe-engine';
import { proxy as passthrough } from './golden/passthrough/model';
import { proxy as podsModel } from './golden/pods-proxy-protocol/model';
import { proxy as sniModel } from './golden/sni-routes/model';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import { envoyProcess } from '../../src/engines/envoy/process';
import { toYaml } from '../../src/engines/envoy/yaml';
import type { ProxyModel } from '../../src/engines/proxy-model';

const GOLDEN = join(__dirname, 'golden');
const PODS = 'gateway-pods.istio-ingress.svc.cluster.local';

describeEngine('envoy', binary => {
  test.each(readdirSync(GOLDEN).filter(name => existsSync(join(GOLDEN, name, 'envoy.yaml'))))('accepts %s without a warning', name => {
    const { status, stderr } = spawnSync(binary, ['--mode', 'validate', '-c', join(GOLDEN, name, 'envoy.yaml'), '-l', 'warning'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describeEngineInPod('envoy', binary => {
  let edge: Edge;

  afterEach(() => edge?.destroy());

  async function started(model: ProxyModel): Promise<PodSandbox> {
    const pod = await edge.start(binary, envoyProcess(model, { lameDuckSeconds: 3, drainSeconds: 2 }));
    await pod.ready();
    return pod;
  }

  test('serves clients on 80, tells their address in PROXY v2, and asks the health port without it', async () => {
    edge = await Edge.create(8080, PODS);
    const pod = await started(podsModel);
    const client = await edge.node.connect(80);
    client.write('hello');
    const received = () => edge.gateways.flatMap(gateway => gateway.received)[0] ?? Buffer.alloc(0);
    expect(await eventually(async () => received().subarray(28).toString(), 'hello')).toBe('hello');
    expect(received().subarray(0, 16).toString('hex')).toBe('0d0a0d0a000d0a515549540a' + '2111000c');
    expect(received().readUInt16BE(24)).toBe(client.localPort);
    expect(received().readUInt16BE(26)).toBe(80);

    const checks = edge.gateways.flatMap(gateway => gateway.checks.map(check => check.toString().split('\r\n')[0]));
    expect(new Set(checks)).toEqual(new Set(['GET /healthz/ready HTTP/1.1']));

    const sockets = edge.node.run(['ss', '-Htno', 'state', 'established', '( sport = :80 or dport = :8080 )']);
    expect(sockets.trim().split('\n').map(line => /timer:\(keepalive,(5\d|1min)/.test(line))).toEqual([true, true]);

    client.destroy();
    const line = /^\S+Z listener=http client=127.0.0.1:\d+ sni=- upstream=gateway-80 host=127.0.0.1[12]:8080 received=5 sent=44 ms=\d+ flags=-\n$/;
    expect(await eventually(async () => line.test(pod.stdout), true)).toBe(true);
    expect(pod.stderr).toBe('');
  });

  test('answers 200 with its name and ports on the health path, 404 elsewhere, and keeps its admin port on loopback', async () => {
    edge = await Edge.create(8080, PODS);
    await started(podsModel);
    expect(await edge.node.get(340, '/healthz')).toEqual({ status: 200, body: 'edge-front 80 443 340' });
    expect(await edge.node.get(340, '/')).toMatchObject({ status: 404 });
    const routable = edge.node.run(['ss', '-Htln', 'not src 127.0.0.0/8']).trim().split('\n').map(line => line.trim().split(/\s+/)[3]);
    expect(new Set(routable)).toEqual(new Set(['0.0.0.0:80', '0.0.0.0:443']));
  });

  test('routes by TLS server name: exact, then longest wildcard, at any depth, in any case; otherwise default or nothing', async () => {
    edge = await Edge.create(443);
    const [gateway, shop] = edge.gateways;
    edge.dns.addresses.set('gateway.istio-ingress.svc.cluster.local', [gateway.address]);
    edge.dns.addresses.set('shop.other.svc.cluster.local', [shop.address]);
    const pod = await started({
      ...sniModel, listeners: sniModel.listeners.map(listener => listener.port === 443 ? { ...listener, port: 444 } : listener),
    });
    const table: Array<[number, string | undefined, string]> = [
      [444, 'www.example.com', gateway.address],
      [444, 'a.b.c.example.com', gateway.address],
      [444, 'shop.example.com', shop.address],
      [444, 'SHOP.Example.COM', shop.address],
      [444, 'a.shop.example.com', shop.address],
      [444, 'a.b.shop.example.com', shop.address],
      [444, 'example.com', ''],
      [444, 'badexample.com', ''],
      [444, undefined, ''],
      [8443, 'admin.example.com', shop.address],
      [8443, 'a.admin.example.com', gateway.address],
      [8443, undefined, gateway.address],
    ];
    for (const [port, name, upstream] of table) {
      expect([port, name, await edge.reach(port, await clientHello(name))]).toEqual([port, name, upstream]);
    }
    expect(await edge.reach(444, 'GET / HTTP/1.1\r\n\r\n')).toBe('');
    expect(await edge.reach(8443, 'GET / HTTP/1.1\r\n\r\n')).toBe(gateway.address);
    expect(await eventually(async () => pod.stdout.match(/ flags=NR$/gm)?.length, 4)).toBe(4);
    expect(pod.stdout).toMatch(/sni=badexample.com upstream=- host=- .* flags=NR$/m);
    expect(pod.stdout.split('\n')).toHaveLength(4 + 1);
  });

  test('logs only what failed, when told so', async () => {
    edge = await Edge.create(80, 'gateway.istio-ingress.svc.cluster.local');
    const [http] = passthrough.listeners;
    const pod = await started({
      ...passthrough, logsSuccess: false, maxConnectAttempts: 2, listeners: [{ ...http, port: 81 }, { ...http, name: 'refused', port: 444, defaultUpstream: 'gateway-443' }],
    });
    expect(await edge.reach(81)).toMatch(/^127/);
    expect(await edge.reach(444)).toBe('');
    expect(await eventually(async () => pod.stdout.split('\n').length, 2)).toBe(2);
    expect(pod.stdout).toMatch(/^\S+ listener=refused .* upstream=gateway-443 .* flags=UF\S*\n$/);
  });

  test('writes one log line per connection, whatever the server name contains', async () => {
    edge = await Edge.create(443, 'gateway.istio-ingress.svc.cluster.local', 'shop.other.svc.cluster.local');
    const pod = await started({
      ...sniModel, logsSuccess: true, listeners: sniModel.listeners.map(listener => listener.port === 443 ? { ...listener, port: 444 } : listener),
    });
    const hello = await clientHello('wwwXexample.com');
    hello.write('\n', hello.indexOf('wwwXexample.com') + 3);
    await edge.reach(8443, hello);
    expect(await eventually(async () => pod.stdout.split('\n').length, 2)).toBe(2);
    expect(pod.stdout).toMatch(/^\S+ listener=tcp-8443 .* flags=\S+\n$/);
  });

  test('may not listen on port 80 without NET_BIND_SERVICE', async () => {
    edge = await Edge.create(8080, PODS);
    const pod = await edge.start(binary, envoyProcess(podsModel, { lameDuckSeconds: 3, drainSeconds: 2 }), []);
    expect(await pod.exited).toBe(1);
    expect(pod.stderr).toContain("cannot bind '0.0.0.0:80': Permission denied");
  });

  test('reads back every string that the renderer writes', async () => {
    edge = await Edge.create(8080);
    const strings = [
      'on', 'off', 'y', 'n', 'yes', 'no', 'true', 'null', '~', '', ' ', '1', '1e3', '0x1f', '0o7', '1_000', '1:30', '.5', '-', '- a', 'a: b', 'a #b',
      '#', '&a', '*a', '!a', '|', '>', '%YAML', '@', '`', '{', '}', '[', ']', ',', '?', ':', "'", '"', '\\', '\n', 'a\nb', ' a\n b\n\n', '\t', '${X}', '$X', '; }',
      '2026-01-01', 'é', '\u2028', '<<',
      ...fc.sample(fc.string({ maxLength: 20, unit: 'grapheme' }), { numRuns: 300, seed: 1 }),
      ...TEXTS.filter(text => text === Buffer.from(text).toString()),
    ].filter(text => !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)); // eslint-disable-line no-control-regex
    const config = toYaml({
      admin: { address: { socket_address: { address: '127.0.0.1', port_value: 9901 } } },
      node: { id: 'x', metadata: Object.fromEntries(strings.map((text, index) => [`k${index}`, text])) },
    });
    await edge.start(binary, {
      command: ['envoy', '-c', '/etc/strings.yaml', '--disable-hot-restart', '-l', 'off'],
      files: { 'strings.yaml': config },
      writableDirectories: [],
      readiness: [],
      liveness: [],
      preStop: [],
    });
    const info = await eventually(async () => edge.node.get(9901, '/server_info').then(({ status }) => status, () => 0), 200);
    expect(info).toBe(200);
    const { node } = JSON.parse((await edge.node.get(9901, '/server_info')).body);
    expect(strings.map((_, index) => node.metadata[`k${index}`])).toEqual(strings);
  });
});
