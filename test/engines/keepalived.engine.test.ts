// real keepalived judges every golden configuration, and moves real addresses between two nodes
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { EdgeNode } from '../../sandbox/edge-node';
import { describeEngineInPod } from '../support/describe-engine';
import { vip as ipv6 } from './golden/vip-ipv6/model';
import { vip as multicast } from './golden/vip-multicast/model';
import { vip as otherInterface } from './golden/vip-other-interface/model';
import { vip as unicast } from './golden/vip-unicast/model';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { quick, STRICT, VipLab } from '../../sandbox/vip-lab';
import { pause, untilPasses } from '../../sandbox/waiting';
import type { ContainerProcess } from '../../src/engines/container-process';
import type { KeepalivedModel } from '../../src/engines/keepalived/model';
import { keepalivedProcess } from '../../src/engines/keepalived/process';

const dualStack = { excludedAddresses: ['2001:db8::100'] };
const other = (id: string) => (id === 'edge-1' ? 'edge-2' : 'edge-1');

async function elapsed<T>(action: () => Promise<T>): Promise<[T, number]> {
  const start = Date.now();
  return [await action(), Date.now() - start];
}

describeEngineInPod('keepalived', binary => {
  describe('--config-test', () => {
    const golden = join(__dirname, 'golden');
    const cases = readdirSync(golden).filter(name => name.startsWith('vip-'));
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const modelOf = (name: string) => (require(join(golden, name, 'model')) as { vip: KeepalivedModel }).vip;
    let node: EdgeNode;
    let pod: PodSandbox;

    beforeAll(async () => {
      const interfaces = cases.flatMap(name => modelOf(name).instances)
        .flatMap(instance => [instance.defaultNetworkInterface, ...Object.values(instance.networkInterfaces), instance.addressInterface ?? 'eth0']);
      node = await EdgeNode.create(...[...new Set(interfaces)].map(name => ['ip', 'link', 'add', name, 'type', 'bridge']));
      const process = keepalivedProcess(unicast);
      const goldens = cases.map(name => [`${name}.conf`, readFileSync(join(golden, name, 'keepalived.conf'), 'utf8')]);
      const idle = { ...process, preStop: [], command: ['sleep', '60'], files: { ...process.files, ...Object.fromEntries(goldens) } };
      pod = await PodSandbox.start(node, { process: idle, binary, capabilities: ['net_admin', 'net_raw', 'setgid'] });
    });
    afterAll(async () => {
      await pod?.kill();
      await node?.destroy();
    });

    test.each(cases)('accepts golden %s on every node, without a word', async name => {
      const { nodes } = modelOf(name);
      for (const id of nodes.length > 0 ? nodes.map(known => known.id) : ['any-node']) {
        expect(await pod.exec(['keepalived', '--config-test', '-i', id, '-f', `/etc/${name}.conf`])).toEqual({ status: 0, stdout: '', stderr: '' });
      }
    });
  });

  describe('two nodes', () => {
    let lab: VipLab;
    beforeAll(async () => {
      lab = await VipLab.create(quick(unicast, dualStack));
      await lab.startAll(binary);
    });
    afterAll(async () => lab?.destroy());

    test.each(['dead', 'hung', 'sick'] as const)('a proxy that is %s loses all addresses', async health => {
      const first = await lab.settled();
      await lab.become(first, health);
      expect(await lab.settled(first)).toBe(other(first));
      await lab.become(first, 'healthy');
      await lab.node(first).pod!.ready();
    });

    test('a checker that hangs loses all addresses, until it goes on', async () => {
      const first = await lab.settled();
      const pod = lab.node(first).pod!;
      await pod.exec(['pkill', '-STOP', '-f', 'keepalived-checker.sh']);
      expect(await lab.settled(first)).toBe(other(first));
      await pod.exec(['pkill', '-CONT', '-f', 'keepalived-checker.sh']);
      await pod.ready();
    });

    test('a checker that ends takes keepalived along, which hands over at once', async () => {
      const first = await lab.settled();
      const pod = lab.node(first).pod!;
      const [holder, duration] = await elapsed(async () => {
        await pod.exec(['pkill', '-KILL', '-f', 'keepalived-checker.sh']);
        return lab.settled(first);
      });
      expect(holder).toBe(other(first));
      expect(duration).toBeLessThan(1_000);
      expect(await pod.exited).toBe(0);
      expect(pod.stderr).toContain('the checker of front-envoy has ended; keepalived ends too');
      await (await lab.start(first, binary)).ready();
    });

    test('SIGTERM hands over at once', async () => {
      const first = await lab.settled();
      const pod = lab.node(first).pod!;
      pod.signal('SIGTERM');
      const [holder, duration] = await elapsed(() => lab.settled(first));
      expect(holder).toBe(other(first));
      expect(duration).toBeLessThan(1_000);
      expect(await pod.exited).toBe(0);
      await (await lab.start(first, binary)).ready();
    });

    test('after SIGKILL it starts again, in spite of its pid file, and takes its stale addresses away', async () => {
      const first = await lab.settled();
      await lab.node(first).pod!.kill();
      await pause(1_000);
      expect(lab.holders()).toEqual({ '192.0.2.100': ['edge-1', 'edge-2'], '2001:db8::100': ['edge-1', 'edge-2'] });

      const leavePidFile = (process: ContainerProcess) => (
        { ...process, command: ['/bin/sh', '-c', 'echo 1 > /run/keepalived/keepalived.pid; exec "$@"', 'sh', ...process.command] });
      await (await lab.start(first, binary, { change: leavePidFile })).ready();
      expect(await lab.settled()).toBe(other(first));
    });
  });

  describe('two nodes of their own kind', () => {
    let lab: VipLab;
    afterEach(async () => lab?.destroy());

    test('with the default check: moves within the promised time, readiness tells, and the address stays', async () => {
      lab = await VipLab.create(quick(unicast, dualStack, { fall: 2, rise: 2 }));
      const first = await lab.startAll(binary);
      await lab.become(first, 'dead');
      const [holder, duration] = await elapsed(() => lab.settled(first));
      expect(holder).toBe(other(first));
      expect(duration).toBeLessThan(1_500);
      expect(await lab.probe(first)).toMatchObject({ status: 1, stdout: 'vip-100: FAULT\n' });
      await lab.become(first, 'healthy');
      await lab.node(first).pod!.ready();
      await pause(500);
      expect(await lab.settled()).toBe(other(first));
    });

    test.each(Object.entries({ multicast, ipv6 }))('%s: one master, and the other follows', async (_, model) => {
      lab = await VipLab.create(quick(model));
      const first = await lab.startAll(binary);
      await lab.become(first, 'dead');
      expect(await lab.settled(first)).toBe(other(first));
    });

    test('a proxy that listens on IPv6 only is asked there, where the families of the nodes are not known', async () => {
      lab = await VipLab.create(quick(multicast, {}, { secondAddress: '::1' }));
      const first = await lab.startAll(binary);
      await lab.become(first, 'sick');
      expect(await lab.settled(first)).toBe(other(first));
    });

    test('an address on another interface than the nodes\' own has one holder, and its clients hear of the next, under strict kernel settings', async () => {
      const model = quick(otherInterface, { excludedAddresses: [] });
      lab = await VipLab.create(model, undefined, STRICT);
      const client = await lab.addClients();
      const [{ addresses: [address] }] = model.instances;
      const neighbour = () => client.run(['ip', 'neigh', 'show', address, 'dev', 'eth0']);
      const served = async () => (await client.connect(80, address)).destroy();
      try {
        const first = await lab.startAll(binary);
        const servers = await Promise.all(['edge-1', 'edge-2'].map(id => lab.node(id).node.listen(80, '0.0.0.0', socket => socket.destroy())));
        expect(lab.node(first).addresses('eth1')).toContain(address);
        await served();
        expect(neighbour()).toContain(lab.node(first).hardwareAddress('eth1'));

        await lab.become(first, 'dead');
        const second = await lab.settled(first);
        await untilPasses(() => expect(neighbour()).toContain(lab.node(second).hardwareAddress('eth1')));
        await served();

        await lab.become(first, 'healthy');
        await lab.node(first).pod!.ready();
        lab.node(second).node.run(['ip', 'link', 'set', 'eth1', 'down']);
        expect(await lab.settled(second)).toBe(first);
        await served();
        servers.forEach(server => server.close());
      } finally {
        await client.destroy();
      }
    });

    test('a stranger behind a router cannot take the address', async () => {
      lab = await VipLab.create(quick(unicast));
      await (await lab.start('edge-1', binary)).ready();
      expect(await lab.settled()).toBe('edge-1');

      const strong = keepalivedProcess(quick(unicast, { preempt: true, priorities: { 'edge-2': 254 } }));
      const routed = { ...strong.files, 'keepalived.conf': strong.files['keepalived.conf'].replace('unicast_ttl 255', 'unicast_ttl 64') };
      await (await lab.start('edge-2', binary, { change: () => ({ ...strong, files: routed }) })).ready();
      await untilPasses(() => expect(lab.holders()).toEqual({ '192.0.2.100': ['edge-1', 'edge-2'] }));
    });

    test('active/active: each address has its own home and goes back there', async () => {
      const homes = [1, 2].map(home => ({
        ...quick(unicast).instances[0],
        name: `vip-10${home}`,
        virtualRouterId: 100 + home,
        addresses: [`192.0.2.10${home}`],
        preempt: true,
        preemptDelaySeconds: 1,
        priorities: { 'edge-1': home === 1 ? 150 : 149, 'edge-2': home === 2 ? 150 : 149 },
      }));
      const spread = { '192.0.2.101': ['edge-1'], '192.0.2.102': ['edge-2'] };
      lab = await VipLab.create({ ...quick(unicast), instances: homes });
      await Promise.all(['edge-1', 'edge-2'].map(async id => (await lab.start(id, binary)).ready()));
      await untilPasses(() => expect(lab.holders()).toEqual(spread));
      await lab.become('edge-1', 'dead');
      expect(await lab.settled()).toBe('edge-2');
      await lab.become('edge-1', 'healthy');
      await untilPasses(() => expect(lab.holders()).toEqual(spread));
    });
  });
});
