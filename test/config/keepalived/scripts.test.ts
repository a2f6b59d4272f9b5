// the scripts run under a real shell, with each tool that an image may have
import { execFileSync, spawn, spawnSync } from 'child_process';
import { once } from 'events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { createServer, Server } from 'http';
import type { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { CHECK, READY, Script, START, STATE } from '../../../src/config/keepalived/scripts';

const folder = mkdtempSync(join(tmpdir(), 'edge-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const which = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
const busybox = which('busybox');

/** Shells of the images: dash or bash as /bin/sh, and Alpine's. */
const shells = [['/bin/sh'], ...(busybox ? [[busybox, 'sh']] : [])];

function fileOf(script: Script): string {
  const path = join(folder, script.file);
  writeFileSync(path, script.text);
  return path;
}

async function run(shell: string[], script: Script, args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ status: number; stdout: string }> {
  const child = spawn(shell[0], [...shell.slice(1), fileOf(script), ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.on('data', text => (stdout += text));
  const [status] = await once(child, 'close') as [number];
  return { status, stdout };
}

test.each([START, CHECK, STATE, READY])('$file is understood by the shells and has no tab', ({ text, file }) => {
  shells.forEach(shell => execFileSync(shell[0], [...shell.slice(1), '-n', fileOf({ text, file })]));
  expect(text).not.toContain('\t');
});

describe.each(shells)('%s', (...shell) => {
  describe.each([['curl', which('curl')], ['wget', which('wget')], ['wget', busybox]])('check with %s (%s)', (tool, binary) => {
    const path = join(folder, `${tool}-${binary.replace(/\//g, '-')}`);
    let server: Server;
    let port: number;
    const check = async (what: string, env: NodeJS.ProcessEnv = {}) => (
      await run(shell, CHECK, [what.startsWith('http') ? what : `http://127.0.0.1:${port}${what}`, '0.9'], { PATH: path, ...env })).status;

    beforeAll(async () => {
      mkdirSync(path, { recursive: true });
      if (binary && !readdirSync(path).includes(tool)) {
        symlinkSync(binary, join(path, tool));
      }
      server = createServer((request, response) => {
        const status = Number(request.url!.slice(1).split('?')[0]);
        if (status > 0) {
          response.writeHead(status, status === 302 ? { Location: '/200' } : {}).end('front-envoy\n');
        }
      }).listen(0, '::');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });
    const testTool = binary ? test : test.skip;

    testTool('passes on a 200 only', async () => {
      for (const answer of ['/200', '/200?a=b&c=%20']) {
        expect([answer, await check(answer)]).toEqual([answer, 0]);
      }
      for (const answer of ['/201', '/204', '/302', '/404', '/500', '/503']) {
        expect([answer, await check(answer)]).toEqual([answer, 1]);
      }
    });

    testTool('asks IPv6 addresses', async () => {
      expect(await check(`http://[::1]:${port}/200`)).toBe(0);
    });

    testTool('does not ask a proxy that a webhook put into the environment', async () => {
      const proxy = 'http://127.0.0.1:1';
      expect(await check('/200', { http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy })).toBe(0);
    });

    testTool('fails when nothing listens', async () => {
      expect(await check('http://127.0.0.1:1/200')).toBe(1);
    });

    // a hung wget is ended by keepalived
    if (tool === 'curl') {
      testTool('gives a hung proxy up before keepalived does', async () => {
        const start = Date.now();
        expect(await check('/hang')).toBe(1);
        expect(Date.now() - start).toBeGreaterThan(800);
      });
    }
  });

  test('check without any tool fails with 1, never with 127', async () => {
    expect((await run(shell, CHECK, ['http://127.0.0.1:1/', '0.9'], { PATH: join(folder, 'nothing') })).status).toBe(1);
  });

  describe('state', () => {
    const fifo = join(folder, 'notify');
    const states = async (...lines: string[]) => {
      writeFileSync(fifo, lines.map(line => `${line}\n`).join(''));
      await run(shell, STATE, [fifo]);
      const files = readdirSync(folder).filter(name => name.endsWith('.state'));
      const read = Object.fromEntries(files.map(name => [name, readFileSync(join(folder, name), 'utf8')]));
      files.forEach(name => rmSync(join(folder, name)));
      return read;
    };

    test('keeps the last state of each instance', async () => {
      expect(await states('INSTANCE "vip-1" FAULT 100', 'INSTANCE "vip-2" BACKUP 100', 'INSTANCE "vip-1" BACKUP 100', 'INSTANCE "vip-1" MASTER 100'))
        .toEqual({ 'vip-1.state': 'MASTER\n', 'vip-2.state': 'BACKUP\n' });
    });

    test('takes events for what they are', async () => {
      expect(await states('INSTANCE "vip-1" MASTER 100', 'INSTANCE "vip-1" MASTER_RX_LOWER_PRI 100')).toEqual({ 'vip-1.state': 'MASTER\n' });
    });
  });

  describe('readiness', () => {
    const ready = async (states: { [instance: string]: string }) => {
      const directory = mkdtempSync(join(folder, 'run-'));
      Object.entries(states).forEach(([name, state]) => writeFileSync(join(directory, `${name}.state`), state));
      return run(shell, READY, [directory, 'vip-1', 'vip-2']);
    };

    test('is true when every instance is MASTER or BACKUP', async () => {
      expect(await ready({ 'vip-1': 'MASTER\n', 'vip-2': 'BACKUP\n' })).toEqual({ status: 0, stdout: '' });
    });

    test.each([
      [{ 'vip-1': 'MASTER\n', 'vip-2': 'FAULT\n' }, 'vip-2: FAULT\n'],
      [{ 'vip-1': 'STOP\n', 'vip-2': 'STOP\n' }, 'vip-1: STOP\n'],
      [{ 'vip-1': 'MASTER\n' }, 'vip-2: unknown\n'],
      [{ 'vip-1': '', 'vip-2': '' }, 'vip-1: \n'],
    ])('is false for %j', async (states, stdout) => {
      expect(await ready(states)).toEqual({ status: 1, stdout });
    });
  });
});
