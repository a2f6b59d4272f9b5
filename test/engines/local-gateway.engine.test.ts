// a gateway on the node's loopback behind each real engine: only the engine can give the client's address, and it needs
// no name server
import type { Server, Socket } from 'net';
import { eventually } from './edge';
import { debianProcess } from './nginx-pod';
import { EdgeNode } from '../../sandbox/edge-node';
import type { EngineName } from '../../sandbox/engines';
import { describeEngineInPod } from '../support/describe-engine';
import { proxy as model } from './golden/local-gateway/model';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ShutdownTimes, ProxyModel } from '../../src/engines/proxy-model';

const V2 = /^\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01..\0\x50/s;
const V1 = /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ 80\r\n/;

const ENGINES: { name: EngineName; process: (model: ProxyModel, options: ShutdownTimes) => ContainerProcess; header: RegExp }[] = [
  { name: 'envoy', process: envoyProcess, header: V2 },
  { name: 'haproxy', process: haproxyProcess, header: V2 },
  { name: 'nginx', process: debianProcess, header: V1 },
];

describe.each(ENGINES)('before a gateway of the same node', ({ name, process, header }) => {
  describeEngineInPod(name, binary => {
    let node: EdgeNode;
    let pod: PodSandbox;
    let gateway: Server | undefined;

    beforeEach(async () => {
      node = await EdgeNode.create();
      const { files, ...rest } = process(model, { lameDuckSeconds: 0, drainSeconds: 2 });
      pod = await PodSandbox.start(node, { binary, process: { ...rest, files: { ...files, 'resolv.conf': 'nameserver 127.0.0.1\n' } } });
      await pod.ready(20_000); // no name server answers on port 53
    });
    afterEach(async () => {
      gateway?.close();
      await pod.kill();
      await node.destroy();
    });

    test('a header that the client sends is payload behind the one true header', async () => {
      let received = '';
      gateway = await node.listen(10_080, '127.0.0.1', socket => socket.on('data', bytes => (received += bytes.toString('latin1'))));
      const client = await node.connect(80);
      const forged = 'PROXY TCP4 203.0.113.77 192.0.2.100 12345 80\r\nGET / HTTP/1.1\r\n\r\n';
      client.write(forged);
      expect(await eventually(async () => received.endsWith(forged), true)).toBe(true);
      client.destroy();
      expect(received.slice(0, -forged.length)).toMatch(header);
      expect(received.slice(0, -forged.length).replace(header, '')).toBe('');
    });

    test('a connection is closed while the gateway is away, and served as soon as it is back', async () => {
      const refused = await node.connect(80);
      expect(await eventually(async () => closed(refused), true)).toBe(true);
      gateway = await node.listen(10_080, '127.0.0.1', socket => socket.end('served'));
      const client = await node.connect(80);
      let text = '';
      client.on('data', bytes => (text += bytes));
      expect(await eventually(async () => text, 'served')).toBe('served');
      client.destroy();
    });
  });
});

/** Sockets of a node arrive paused. */
function closed(socket: Socket): boolean {
  socket.on('error', () => undefined).resume();
  return socket.destroyed;
}
