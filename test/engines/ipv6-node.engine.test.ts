// each real engine on a node that has IPv6 only: clients, gateways and the name server too; and where a virtual IP asks
import type { Server } from 'net';
import { eventually, firstLine } from './edge';
import { FakeGateway } from './fake-gateway';
import { debianProcess } from './nginx-pod';
import { DnsServer } from '../../sandbox/dns-server';
import { EdgeNode } from '../../sandbox/edge-node';
import type { EngineName } from '../../sandbox/engines';
import { proxy as dualStack } from './golden/dual-stack/model';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ShutdownTimes, ProxyModel } from '../../src/engines/proxy-model';
import { describeEngineInPod } from '../support/describe-engine';

const [NODE, GATEWAY] = ['2001:db8::11', '2001:db8:1::1'];
const HOST = 'gateway.istio-ingress.svc.cluster.local';
const PODS = 'gateway-pods.istio-ingress.svc.cluster.local';

const V2 = /^\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24/;
const V1 = /^PROXY TCP6 2001:db8::11 2001:db8::11 \d+ 80\r\n/;

const ENGINES: { name: EngineName; process: (model: ProxyModel, options: ShutdownTimes) => ContainerProcess; header: RegExp }[] = [
  { name: 'envoy', process: envoyProcess, header: V2 },
  { name: 'haproxy', process: haproxyProcess, header: V2 },
  { name: 'nginx', process: debianProcess, header: V1 },
];

/** Gateways are on the node itself here, whose port 80 is the proxy's. */
const byName: ProxyModel = {
  ...dualStack,
  upstreams: [80, 443].map(port => ({
    name: `gateway-${port}`,
    service: { host: HOST, port: port + 8_000 },
    pods: { host: PODS, port: port + 8_000, health: { port: 15_021, path: '/healthz/ready' } },
    sendProxyProtocol: false,
  })),
};

const local: ProxyModel = {
  ...dualStack,
  upstreams: [80, 443].map(port => ({ name: `gateway-${port}`, local: { address: '::1', port: port + 10_000 }, sendProxyProtocol: true })),
};

describe.each(ENGINES)('on a node with IPv6 only', ({ name, process, header }) => {
  describeEngineInPod(name, binary => {
    let node: EdgeNode;
    let dns: DnsServer;
    let pod: PodSandbox | undefined;

    beforeEach(async () => {
      node = await EdgeNode.create();
      await node.addAddresses(NODE, GATEWAY);
      dns = await DnsServer.start(node, '::1');
      [HOST, PODS].forEach(host => dns.addresses.set(host, [GATEWAY]));
    });
    afterEach(async () => {
      await pod?.kill();
      dns.stop();
      await node.destroy();
    });

    const start = async (model: ProxyModel) => {
      const { files, ...rest } = process(model, { lameDuckSeconds: 0, drainSeconds: 2 });
      pod = await PodSandbox.start(node, { binary, process: { ...rest, files: { ...files, 'resolv.conf': 'nameserver ::1\n' } } });
      await pod.ready(20_000);
    };

    test('clients reach a gateway whose name has IPv6 addresses only, and a virtual IP is answered at 127.0.0.1', async () => {
      const gateway = await FakeGateway.start(node, GATEWAY, 8_080);
      await start(byName);
      const reached = async () => firstLine(await node.connect(80, NODE));
      expect(await eventually(reached, GATEWAY)).toBe(GATEWAY);
      expect((await node.get(dualStack.health.port, dualStack.health.path)).status).toBe(200);
      await gateway.stop();
    });

    test('a gateway on ::1 of the same node is told the client\'s IPv6 address', async () => {
      let received = '';
      const gateway: Server = await node.listen(10_080, '::1', socket => socket.on('data', bytes => (received += bytes.toString('latin1'))));
      await start(local);
      const client = await node.connect(80, NODE);
      client.write('hello');
      expect(await eventually(async () => received.endsWith('hello'), true)).toBe(true);
      expect(received).toMatch(header);
      client.destroy();
      gateway.close();
    });
  });
});
