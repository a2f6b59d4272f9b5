// the program of the pods, on two nodes with one cable, with the capability of the pod only
import { execFileSync, spawn } from 'child_process';
import { once } from 'events';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import type { Server } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { EdgeNode } from '../../sandbox/edge-node';
import { describeEngineInPod } from '../support/describe-engine';

const PROGRAM = join(__dirname, '..', '..', 'packages', 'doctor', 'src', 'nodes', 'node-probe.pl');
const RANGE = 'net/ipv4/ip_local_port_range';
const TESTS = { unicast: ['eth0%192.0.2.11%192.0.2.12', 'eth0%192.0.2.12%192.0.2.11'], multicast: ['eth0%-%224.0.0.18,eth0%-%ff02::12', 'eth0%-%224.0.0.18,eth0%-%ff02::12'] };

/** What a probe is asked, beside its number. */
interface Asked {
  readonly longest?: number;
  readonly expected?: number;
  readonly ports?: string;
  readonly questions?: string;
  readonly tests?: string;
}

describeEngineInPod('keepalived', binary => {
  let [first, second]: EdgeNode[] = [];
  let servers: Server[] = [];

  beforeEach(async () => {
    [first, second] = await Promise.all([EdgeNode.create(), EdgeNode.create()]);
    execFileSync('ip', ['link', 'add', 'name', 'eth0', 'netns', `${first.pid}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${second.pid}`]);
    [first, second].forEach((node, index) => [
      ['ip', 'address', 'add', `192.0.2.1${index + 1}/24`, 'dev', 'eth0'], ['ip', 'address', 'add', `2001:db8::1${index + 1}/64`, 'dev', 'eth0', 'nodad'], ['ip', 'link', 'set', 'eth0', 'up'],
    ].forEach(command => node.run(command)));
    servers = [];
  });
  afterEach(async () => {
    servers.forEach(server => server.close());
    await Promise.all([first.destroy(), second.destroy()]);
  });

  /** Runs the program as in its pod: with NET_RAW only, and with the /sys of the node. */
  async function probe(node: EdgeNode, { longest = 3, expected = 0, ports = '-', questions = '-', tests = '-' }: Asked): Promise<string[]> {
    const number = node === first ? 1 : 2;
    const inPod = ['unshare', '--mount', 'sh', '-c', 'mount -t sysfs sysfs /sys && exec setpriv --no-new-privs --bounding-set -all,+net_raw --inh-caps -all "$@"', 'pod'];
    const args = [number, 1, longest, expected, ports, `192.0.2.1${number}`, RANGE, questions, tests].map(String);
    const [command, ...rest] = [...node.enter, ...inPod, 'perl', PROGRAM, ...args];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', text => (output += text));
    expect((await once(child, 'close'))[0]).toBe(0);
    return output.trimEnd().split('\n');
  }

  const both = (tests: string[], expected: number, longest = 10) =>
    Promise.all([first, second].map((node, index) => probe(node, { tests: tests[index], expected, longest })));
  const heard = (lines: string[]) => lines.filter(line => line.startsWith('heard')).sort();

  test('it prints interfaces and settings', async () => {
    second.run(['ip', 'link', 'set', 'eth0', 'mtu', '1400']);
    second.run(['sysctl', '-qw', 'net.ipv4.ip_local_port_range=20000 40000']);
    const lines = await probe(second, {});
    expect(lines).toContainEqual(expect.stringMatching(/^interface eth0 1400 up ([0-9a-f]{2}:){5}[0-9a-f]{2}$/));
    expect(lines).toContain(`setting ${RANGE} 20000\t40000`);
  });

  test('it finds a listener, and a port that a rule redirects', async () => {
    servers.push(await first.listen(8443, '0.0.0.0'));
    first.run(['nft', 'add table ip nat; add chain ip nat output { type nat hook output priority -100; }; add rule ip nat output tcp dport 443 redirect to :8443']);
    const lines = await probe(first, { ports: '80,443,8443' });
    expect(lines.filter(line => /^(listener|redirected)/.test(line))).toEqual(['redirected 443 192.0.2.11', 'listener 8443']);
  });

  test('it finds who has an address of either family, and leaves no entry in the owner\'s tables', async () => {
    [['192.0.2.100/32'], ['2001:db8::100/128', 'nodad']].forEach(([address, ...flags]) => second.run(['ip', 'address', 'add', address, 'dev', 'eth0', ...flags]));
    const hardware = JSON.parse(second.run(['ip', '-json', 'link', 'show', 'eth0']))[0].address;
    second.run(['ip', 'neigh', 'flush', 'all']);
    const lines = await probe(first, { questions: '192.0.2.100%eth0,192.0.2.101%eth0,2001:db8::100%eth0,2001:db8::101%eth0,192.0.2.100%eth7' });
    expect(lines.filter(line => line.startsWith('answer')).sort()).toEqual([`answer 192.0.2.100 ${hardware}`, `answer 2001:db8::100 ${hardware}`]);
    expect(second.run(['ip', 'neigh', 'show', 'to', '192.0.2.11'])).toBe('');
  });

  test.each([['unicast', 1, ['heard 2 4'], ['heard 1 4']], ['multicast', 2, ['heard 2 4', 'heard 2 6'], ['heard 1 4', 'heard 1 6']]] as const)(
    'nodes hear each other: %s', async (kind, expected, atFirst, atSecond) => {
      const lines = await both(TESTS[kind], expected);
      expect(lines.map(heard)).toEqual([atFirst, atSecond]);
    });

  test('a firewall that drops protocol 112 is seen in its direction only', async () => {
    first.run(['nft', 'add table inet f; add chain inet f input { type filter hook input priority 0; }; add rule inet f input meta l4proto 112 drop']);
    expect((await both(TESTS.unicast, 1, 3)).map(heard)).toEqual([[], ['heard 1 4']]);
  });

  test('it names an own address that the node does not have', async () =>
    expect(await probe(first, { tests: 'eth0%192.0.2.19%192.0.2.12' })).toContain('unbound 192.0.2.19'));

  test('it hears a real keepalived, with its VRID', async () => {
    const configuration = 'global_defs {\n vrrp_version 3\n}\nvrrp_instance other {\n state MASTER\n interface eth0\n virtual_router_id 77\n priority 250\n advert_int 0.2\n virtual_ipaddress {\n  192.0.2.200/32\n }\n}\n';
    const folder = mkdtempSync(join(tmpdir(), 'node-probe-'));
    writeFileSync(join(folder, 'conf'), configuration);
    const files = ['-f', join(folder, 'conf'), '-p', join(folder, 'pid'), '-r', join(folder, 'vrrp')];
    const [command, ...rest] = [...second.enter, 'setpriv', '--pdeathsig', 'KILL', binary, '-n', '-P', '-l', ...files];
    const keepalived = spawn(command, rest, { stdio: 'ignore' });
    try {
      expect(await probe(first, { tests: 'eth0%-%224.0.0.18', longest: 6, expected: 1 })).toContainEqual(expect.stringMatching(/^advert eth0 192\.0\.2\.12 77 /));
    } finally {
      keepalived.kill('SIGTERM');
      await once(keepalived, 'close');
      rmSync(folder, { recursive: true });
    }
  });
});
