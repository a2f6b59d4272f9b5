// an unprivileged process answers in place of a gateway that is down: the checker under each shell, and keepalived as a
// whole
import { ChildProcess, spawn, spawnSync } from 'child_process';
import { once } from 'events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { eventually } from './edge';
import { EdgeNode } from '../../sandbox/edge-node';
import { describeEngineInPod } from '../support/describe-engine';
import { vip } from './golden/vip-unicast/model';
import { Squatter, SquatterOptions } from './squatter';
import { quick, VipLab } from '../../sandbox/vip-lab';
import type { LocalCheck } from '../../src/engines/keepalived/model';
import { renderCheckers } from '../../src/engines/keepalived/render';
import { CHECKER } from '../../src/engines/keepalived/scripts';

const PORT = 15021;
const OWNER = 1337;
const GATEWAY: LocalCheck = {
  name: 'gateway', address: '127.0.0.1', port: PORT, path: '/healthz/ready', user: OWNER, intervalMs: 100, timeoutMs: 1000, fall: 1, rise: 2,
};
const busybox = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim();
const SHELLS = [['/bin/sh'], [busybox, 'sh']];

describeEngineInPod('keepalived', binary => {
  describe.each(SHELLS)('checker of a gateway under %s %s', (...shell) => {
    let node: EdgeNode;
    let listeners: Squatter[];
    let checker: ChildProcess | undefined;
    let log: string;
    let folder: string;

    beforeEach(async () => {
      node = await EdgeNode.create();
      listeners = [];
      log = '';
      folder = mkdtempSync(join(tmpdir(), 'edge-squatted-'));
      writeFileSync(join(folder, CHECKER.file), CHECKER.text);
    });
    afterEach(async () => {
      checker?.kill('SIGKILL');
      await Promise.all(listeners.map(listener => listener.stop()));
      await node.destroy();
      rmSync(folder, { recursive: true });
    });

    const listen = async (options: SquatterOptions) => listeners.push(await Squatter.start(node, PORT, options));

    function check(address = '127.0.0.1'): void {
      const line = renderCheckers({ ...vip, checks: [{ ...GATEWAY, address }] }).trim().split(' ');
      const [program, ...args] = [...node.enter, ...shell, join(folder, CHECKER.file), folder, ...line];
      checker = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      checker.stdout!.on('data', text => (log += text));
    }

    async function verdict(rounds: number): Promise<string> {
      const alive = join(folder, 'gateway.alive');
      for (let round = 0; round <= rounds; round++) {
        rmSync(alive, { force: true });
        await eventually(async () => existsSync(alive), true);
      }
      return readFileSync(join(folder, 'gateway.sick'), 'utf8').trim();
    }

    test.each<[string, string, SquatterOptions[]]>([
      ['the gateway', '127.0.0.1', [{ host: '0.0.0.0', uid: OWNER }]],
      ['a gateway of root', '127.0.0.1', [{ host: '0.0.0.0', uid: 0 }]],
      ['a gateway on the loopback address alone', '127.0.0.1', [{ uid: OWNER }]],
      ['a gateway for both families', '127.0.0.1', [{ host: '::', uid: OWNER }]],
      ['a gateway on IPv6', '::1', [{ host: '::', uid: OWNER }]],
      ['a gateway on the IPv6 loopback address alone', '::1', [{ host: '::1', uid: OWNER }]],
      ['the gateway, whatever a stranger does with the other family', '127.0.0.1',
        [{ host: '0.0.0.0', uid: OWNER }, { host: '::1' }]],
      ['a gateway on IPv6, whatever a stranger does with IPv4', '::1',
        [{ host: '::1', uid: OWNER }, { host: '127.0.0.1' }]],
    ])('trusts the answer of %s', async (_, address, options) => {
      for (const each of options) await listen(each);
      check(address);
      expect(await eventually(async () => verdict(1), '0')).toBe('0');
    });

    test.each<[string, string, SquatterOptions[]]>([
      ['the loopback address', '127.0.0.1', [{}]],
      ['all addresses', '127.0.0.1', [{ host: '0.0.0.0' }]],
      ['all addresses of both families', '127.0.0.1', [{ host: '::' }]],
      ['the IPv6 loopback address', '::1', [{ host: '::1' }]],
      ['the address that is asked, beside a gateway at another', '127.0.0.1', [{}, { host: '::1', uid: OWNER }]],
      ['the IPv6 address that is asked, beside a gateway at another', '::1',
        [{ host: '::1' }, { host: '127.0.0.1', uid: OWNER }]],
    ])('does not trust another user on %s', async (_, address, options) => {
      for (const each of options) await listen(each);
      check(address);
      expect(await verdict(6)).toBe('1');
      expect(log).toBe(`gateway: uid 1000 answers in place of uid ${OWNER}\n`);
    });

    test('does not trust a listener that has gone', async () => {
      await listen({ hides: true });
      check();
      expect(await verdict(10)).toBe('1');
      // the file is empty between two checks
      const answered = async () => readFileSync(join(folder, 'gateway.answer'), 'utf8').includes('HTTP/1.1 200');
      expect(await eventually(answered, true)).toBe(true);
    });

    test('notices another user that takes the port between two checks', async () => {
      await listen({ uid: OWNER });
      check();
      expect(await eventually(async () => verdict(1), '0')).toBe('0');
      const [owner] = listeners.splice(0);
      await owner.stop();
      await listen({});
      expect(await verdict(2)).toBe('1');
      expect(checker!.kill('SIGKILL')).toBe(true);
      await once(checker!, 'close');
    });
  });

  test('the address moves from a node whose gateway has died, although a squatter answers at once', async () => {
    const lab = await VipLab.create(quick({ ...vip, checks: [{ ...GATEWAY, intervalMs: 200 }] }, {}, { user: OWNER }));
    try {
      const holder = await lab.startAll(binary);
      await lab.become(holder, 'dead');
      const squatter = await Squatter.start(lab.node(holder).node, PORT);
      expect(await lab.settled(holder)).not.toBe(holder);
      await squatter.stop();
    } finally {
      await lab.destroy();
    }
  });
});
