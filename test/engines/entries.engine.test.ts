// several addresses of one proxy, each with a gateway of its own: which gateway a real client of each address reaches
import type { Server } from 'net';
import { clientHello } from './client-hello';
import { eventually, firstLine } from './edge';
import { proxy as golden } from './golden/entries/model';
import { debianProcess } from './nginx-pod';
import { EdgeNode } from '../../sandbox/edge-node';
import type { EngineName } from '../../sandbox/engines';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ProxyModel, ShutdownTimes } from '../../src/engines/proxy-model';
import { describeEngineInPod } from '../support/describe-engine';

const FIRST_PORT = 10_001;
/** The golden model, with each gateway at a port of its own on loopback: no name server is needed. */
const model: ProxyModel = {
  ...golden,
  clientHelloTimeoutMs: 500,
  upstreams: golden.upstreams.map(({ name, sendProxyProtocol }, index) => (
    { name, local: { address: '127.0.0.1', port: FIRST_PORT + index }, sendProxyProtocol })),
};

const OWN = ['192.0.2.11', '2001:db8::11'];
const EDGE = ['192.0.2.100', '2001:db8::100'];
const INSIDE = ['192.0.2.101', '2001:db8::101'];
const MAIL = '192.0.2.103';

/** The header of a connection to an address: protocol version 2, or version 1. */
const v2 = (address: string) => `${Buffer.from(address.includes(':')
  ? [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(10).fill(0), 0x01, 0x01]
  : address.split('.').map(Number)).toString('latin1')}..\\x00\\x50$`;
const v1 = (address: string) => ` ${address} \\d+ 80\r\n$`;

const ENGINES: {
  name: EngineName; process: (model: ProxyModel, times: ShutdownTimes) => ContainerProcess; header: typeof v1; refusal: RegExp;
}[] = [
  { name: 'envoy', process: envoyProcess, header: v2, refusal: /listener=tcp-22 .* flags=NC/ },
  { name: 'haproxy', process: haproxyProcess, header: v2, refusal: /listener=tcp-22 .* upstream=_closed\/<NOSRV> .* flags=SC/ },
  { name: 'nginx', process: debianProcess, header: v1, refusal: /to 192\.0\.2\.101:22 .* status=502/ },
];

describe.each(ENGINES)('addresses with gateways of their own', ({ name, process, header, refusal }) => {
  describeEngineInPod(name, binary => {
    let node: EdgeNode;
    let pod: PodSandbox;
    const gateways: Server[] = [];
    let received: { [gateway: string]: string };

    beforeEach(async () => {
      received = {};
      // the virtual addresses come later, as in a cluster
      node = await EdgeNode.create();
      await node.addAddresses(...OWN);
      for (const [index, upstream] of model.upstreams.entries()) {
        gateways.push(await node.listen(FIRST_PORT + index, '127.0.0.1', socket => {
          socket.write(`${upstream.name}\n`);
          socket.on('data', bytes => (received[upstream.name] = (received[upstream.name] ?? '') + bytes.toString('latin1')));
        }));
      }
      const { files, ...rest } = process(model, { lameDuckSeconds: 0, drainSeconds: 2 });
      pod = await PodSandbox.start(node, { binary, process: { ...rest, files: { ...files, 'resolv.conf': 'nameserver 127.0.0.1\n' } } });
      await pod.ready(20_000); // no name server answers on port 53
      await node.addAddresses(...EDGE, ...INSIDE, MAIL);
    });
    afterEach(async () => {
      gateways.splice(0).forEach(gateway => gateway.close());
      await pod.kill();
      await node.destroy();
    });

    /** The gateway that a client of this address reaches; '' if the connection is closed. */
    const reach = async (address: string, port: number, bytes = '') => {
      const socket = await node.connect(port, address);
      const line = firstLine(socket);
      socket.write(bytes);
      return line.finally(() => socket.destroy());
    };

    test('each address reaches its own gateway, in both families', async () => {
      for (const address of [...OWN, ...EDGE]) {
        expect([address, await reach(address, 80), await reach(address, 443, 'no TLS')]).toEqual([address, 'gateway-80', 'gateway-443']);
      }
      for (const address of INSIDE) {
        expect([address, await reach(address, 80), await reach(address, 443), await reach(address, 8443)])
          .toEqual([address, 'internal-80', 'internal-443', 'internal-8443']);
      }
      expect(await reach(MAIL, 443)).toBe('mail-443');
    });

    test('a port that an address lacks closes, and the log says so', async () => {
      const lacking = { 22: [...INSIDE, MAIL], 80: [MAIL], 8443: [MAIL, ...OWN, ...EDGE] };
      for (const [port, addresses] of Object.entries(lacking)) {
        for (const address of addresses) {
          expect([address, port, await reach(address, Number(port), 'hello')]).toEqual([address, port, '']);
        }
      }
      expect(received).toEqual({});
      expect(await eventually(async () => refusal.test(pod.stdout), true)).toBe(true);
    });

    test('the server name chooses among gateways of the edge only', async () => {
      const hello = (await clientHello('shop.example.com')).toString('latin1');
      const reached = async (address: string) => {
        const socket = await node.connect(443, address);
        const line = firstLine(socket);
        socket.write(hello, 'latin1');
        return line.finally(() => socket.destroy());
      };
      expect(await Promise.all([EDGE[0], INSIDE[0], MAIL].map(reached))).toEqual(['gateway-80', 'internal-443', 'mail-443']);
    });

    test.each(INSIDE)('a gateway that wants PROXY protocol learns the address %s, and the others get no header', async address => {
      expect(await reach(address, 80, 'payload')).toBe('internal-80');
      expect(await eventually(async () => received['internal-80']?.endsWith('payload'), true)).toBe(true);
      expect(received['internal-80'].slice(0, -'payload'.length)).toMatch(new RegExp(header(address), 's'));
      expect(await reach(EDGE[0], 443, 'without header')).toBe('gateway-443');
      expect(await reach(MAIL, 443, 'without header')).toBe('mail-443');
      expect(await eventually(async () => [received['gateway-443'], received['mail-443']], ['without header', 'without header'])).toEqual(['without header', 'without header']);
    });
  });
});
