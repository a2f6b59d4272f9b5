// the scripts run under a real shell, with each tool that an image may have
import { ChildProcess, execFileSync, spawn, spawnSync } from 'child_process';
import { once } from 'events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'fs';
import { createServer, Server, ServerResponse } from 'http';
import type { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { ALIVE, CHECKER, LIVENESS, METRICS, READY, START, STATE } from '../../src/engines/keepalived/scripts';
import type { Script } from '../../src/engines/script';

const folder = mkdtempSync(join(tmpdir(), 'edge-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const which = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
const busybox = which('busybox');

/** Shells of the images: dash or bash as /bin/sh, and Alpine's. */
const shells = [['/bin/sh'], ...(busybox ? [[busybox, 'sh']] : [])];
/** What a checker can ask with, here. */
const tools = [['curl', which('curl')], ['wget', which('wget')], ['wget', busybox]].filter(([, binary]) => binary);

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

const PACE = 0.1;
const LATE = 0.3;

/** A checker that runs: falls and rises after two answers. */
class Checker {
  public stdout = '';
  public stderr = '';
  /** Exit status. */
  public readonly ended: Promise<number>;
  private readonly directory = mkdtempSync(join(folder, 'checker-'));
  private readonly child: ChildProcess;

  constructor(shell: string[], url: string, env: NodeJS.ProcessEnv, starved: number, secondUrl: string[] = []) {
    const args = [fileOf(CHECKER), this.directory, 'proxy', url, PACE, LATE, starved, 2, 2, '-', ...secondUrl].map(String);
    this.child = spawn(shell[0], [...shell.slice(1), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', text => (this.stdout += text));
    this.child.stderr!.on('data', text => (this.stderr += text));
    this.ended = once(this.child, 'close').then(([status]) => status as number);
  }

  public verdict(): string | undefined {
    return this.read('sick');
  }

  /** Waits until this is the verdict. */
  public async says(verdict: string): Promise<void> {
    await this.until(() => this.verdict() === verdict, `the verdict is ${verdict}`);
  }

  /** Waits until it has written this, which may arrive after its verdict. */
  public async writes(text: string): Promise<void> {
    await this.until(() => this.stdout.includes(text), `it writes ${text}`);
  }

  /** Waits until that many questions have been asked. */
  public async rounds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      rmSync(join(this.directory, 'proxy.alive'), { force: true });
      await this.until(() => this.read('alive') === '1', 'it shows life');
    }
  }

  /** From now on every verdict is written to /dev/null and lost. */
  public loseVerdicts(): void {
    this.forget();
    symlinkSync('/dev/null', join(this.directory, 'proxy.sick'));
  }

  /** The most bytes of an answer that are kept, within a second. */
  public async answerBytes(): Promise<number> {
    let most = 0;
    for (const deadline = Date.now() + 1_000; Date.now() < deadline; await new Promise(resolve => setTimeout(resolve, 2))) {
      most = Math.max(most, statSync(join(this.directory, 'proxy.answer')).size);
    }
    return most;
  }

  public forget(): void {
    rmSync(join(this.directory, 'proxy.sick'));
  }

  public async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private read(what: string): string | undefined {
    const path = join(this.directory, `proxy.${what}`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + 10_000; !condition(); await new Promise(resolve => setTimeout(resolve, 5))) {
      if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}; ${this.stdout}${this.stderr}`);
    }
  }
}

/** As a squatter of the proxy's port might: well, and headers without an end. */
function answerWithoutEnd(response: ServerResponse): void {
  const socket = response.socket!;
  const headers = `X-Filler: ${'x'.repeat(1_000)}\r\n`.repeat(16);
  const more = () => {
    while (!socket.destroyed && socket.write(headers));
  };
  socket.on('drain', more).on('error', () => socket.destroy()).write('HTTP/1.1 200 OK\r\n');
  more();
}

test.each([START, CHECKER, ALIVE, STATE, READY, LIVENESS, METRICS])('$file is understood by the shells and has no tab', ({ text, file }) => {
  shells.forEach(shell => execFileSync(shell[0], [...shell.slice(1), '-n', fileOf({ text, file })]));
  expect(text).not.toContain('\t');
});

describe.each(shells)('%s', (...shell) => {
  describe.each(tools)('checker with %s (%s)', (tool, binary) => {
    const path = join(folder, `${tool}-${binary.replace(/\//g, '-')}`);
    const sleep = binary === busybox ? busybox : which('sleep');
    let server: Server;
    let origin: string;
    let answer: number | 'silence' | 'no end';
    let started: Checker[] = [];
    const check = (url = `${origin}/ready?a=b&c=%20`, env: NodeJS.ProcessEnv = {}, starved = 1_000, ...secondUrl: string[]) => {
      const checker = new Checker(shell, url, { PATH: path, ...env }, starved, secondUrl);
      started.push(checker);
      return checker;
    };

    beforeAll(async () => {
      mkdirSync(path, { recursive: true });
      [[tool, binary], ['sleep', sleep]].filter(([name, target]) => target && !readdirSync(path).includes(name))
        .forEach(([name, target]) => symlinkSync(target, join(path, name)));
      server = createServer((request, response) => {
        const status = request.url === '/well' ? 200 : answer;
        if (status === 'no end') {
          answerWithoutEnd(response);
        } else if (typeof status === 'number') {
          response.writeHead(status, status === 302 ? { Location: '/well' } : {}).end('front-envoy\n');
        }
      }).listen(0, '::');
      await once(server, 'listening');
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    beforeEach(() => (answer = 200));
    afterEach(async () => {
      await Promise.all(started.map(checker => checker.end()));
      started = [];
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });
    // Debian's BusyBox runs its own applets, whatever PATH has: it cannot lose one
    const losesTools = shell[0] !== busybox;

    test('says sick until there were enough answers in a row', async () => {
      const checker = check();
      await checker.says('1');
      expect(checker.stdout).toBe('');
      await checker.says('0');
      await checker.writes('proxy: sick=0\n');
    });

    test.each([201, 204, 302, 404, 500, 503])('takes a %d for sickness, the second time', async status => {
      const checker = check();
      await checker.says('0');
      answer = status;
      await checker.says('1');
      answer = 200;
      await checker.says('0');
    });

    test('asks IPv6 addresses', async () => check(origin.replace('127.0.0.1', '[::1]')).says('0'));

    test('asks two addresses in turn until one has answered, and then that one only', async () => {
      const nowhere = 'http://127.0.0.1:1/ready';
      await check(nowhere, {}, 1_000, `${origin}/ready`).says('0');
      const checker = check(`${origin}/ready`, {}, 1_000, `${origin}/well`);
      await checker.says('0');
      answer = 503; // /well would still be 200
      await checker.says('1');
      await checker.rounds(3);
      expect(checker.verdict()).toBe('1');
    });

    test('does not ask a proxy that a webhook put into the environment', async () => {
      const proxy = 'http://127.0.0.1:1';
      await check(undefined, { http_proxy: proxy, HTTP_PROXY: proxy, all_proxy: proxy, ALL_PROXY: proxy }).says('0');
    });

    test('says sick when nothing listens', async () => {
      const checker = check('http://127.0.0.1:1/ready');
      await checker.rounds(4);
      expect(checker.verdict()).toBe('1');
    });

    test('takes silence for sickness the first time, but waits for it, and leaves nothing behind', async () => {
      const checker = check();
      await checker.says('0');
      answer = 'silence';
      const start = Date.now();
      await checker.says('1');
      expect(Date.now() - start).toBeGreaterThan(1_000 * (PACE + LATE) - 200);
      answer = 200;
      await checker.says('0');
      expect(checker.stderr).toBe('');
      expect(await new Promise(resolve => server.getConnections((_, count) => resolve(count)))).toBeLessThanOrEqual(1);
    });

    test('takes an answer without an end for sickness, and keeps little of it', async () => {
      const checker = check();
      await checker.says('0');
      answer = 'no end';
      await checker.says('1');
      expect(await checker.answerBytes()).toBeLessThanOrEqual(16_384);
      expect(checker.verdict()).toBe('1');
      answer = 200;
      await checker.says('0');
    });

    test('ends when its verdict is not what it wrote', async () => {
      const checker = check();
      await checker.says('0');
      checker.loseVerdicts();
      expect(await checker.ended).toBe(1);
    });

    test('excuses silence ten times when the machine is late', async () => {
      const checker = check(undefined, {}, 0);
      await checker.says('0');
      answer = 'silence';
      await checker.says('1');
      await checker.writes('sick=1');
      expect(checker.stdout.match(/timeout does not count/g)).toHaveLength(10);
      answer = 503;
      await checker.rounds(4);
      expect(checker.verdict()).toBe('1');
    });

    test('writes a verdict that was deleted anew', async () => {
      const checker = check();
      await checker.says('0');
      checker.forget();
      await checker.says('0');
    });

    if (losesTools) {
      test('says sick, and goes on, when the tool that it asks with is lost', async () => {
        const checker = check();
        await checker.says('0');
        rmSync(join(path, tool));
        await checker.says('1');
        symlinkSync(binary, join(path, tool));
        await checker.says('0');
      });

      test('says sick and ends when it cannot wait any more', async () => {
        const checker = check();
        await checker.says('0');
        rmSync(join(path, 'sleep'));
        expect(await checker.ended).toBe(1);
        expect(checker.verdict()).toBe('1');
        symlinkSync(sleep, join(path, 'sleep'));
      });
    }
  });

  describe('alive', () => {
    const directory = mkdtempSync(join(folder, 'alive-'));
    const showLife = (...names: string[]) => names.forEach(name => writeFileSync(join(directory, `${name}.alive`), '1\n'));
    const alive = async () => (await run(shell, ALIVE, [directory, 'a', 'b'])).status;

    test('wants life from every checker, each time', async () => {
      expect(await alive()).toBe(1);
      showLife('a', 'b');
      expect(await alive()).toBe(0);
      expect(await alive()).toBe(1);
      showLife('b');
      expect(await alive()).toBe(1);
    });

    test('notes when all showed life', async () => {
      const at = join(directory, 'alive-at');
      rmSync(at);
      expect(await alive()).toBe(1);
      expect(existsSync(at)).toBe(false);
      showLife('a', 'b');
      expect(await alive()).toBe(0);
      expect(Math.abs(Number(readFileSync(at, 'utf8')) - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))).toBeLessThan(2);
    });
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

    test('counts how often an instance became MASTER', async () => {
      rmSync(join(folder, 'vip-7.became-master'), { force: true }); // of the test with another shell
      await states('INSTANCE "vip-7" BACKUP 100', 'INSTANCE "vip-7" MASTER 100', 'INSTANCE "vip-7" MASTER_RX_LOWER_PRI 100', 'INSTANCE "vip-7" FAULT 100');
      await states('INSTANCE "vip-7" MASTER 100');
      expect(readFileSync(join(folder, 'vip-7.became-master'), 'utf8')).toBe('2\n');
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
