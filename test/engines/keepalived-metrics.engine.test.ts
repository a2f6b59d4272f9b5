// keepalived as Prometheus reads it: two nodes, a real keepalived on each, and beside it the container that serves metrics
import { spawnSync } from 'child_process';
import { chmodSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { vip as unicast } from './golden/vip-unicast/model';
import { engine } from '../../sandbox/engines';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { quick, VipLab } from '../../sandbox/vip-lab';
import { pause } from '../../sandbox/waiting';
import { keepalivedMetricsProcess } from '../../src/engines/keepalived/metrics';
import { describeEngineInPod } from '../support/describe-engine';

const MODEL = quick(unicast);
const PORT = 9165;
const NODES = ['edge-1', 'edge-2'];
const STATES = { none: '0', BACKUP: '1', MASTER: '2', FAULT: '3' };

describeEngineInPod('keepalived', binary => {
  const folders: string[] = [];
  const servers = new Map<string, PodSandbox>();
  let lab: VipLab;

  /** keepalived and its metrics share a directory, as the containers of a pod do. */
  async function start(id: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'edge-run-'));
    chmodSync(folder, 0o755);
    folders.push(folder);
    await (await lab.start(id, binary, { volumes: { [MODEL.runDirectory]: folder } })).ready();
    const process = keepalivedMetricsProcess(MODEL, { addresses: ['0.0.0.0', '::'], port: PORT, readers: ['192.0.2.0/24', '127.0.0.1/32'], refusedAt: ['192.0.2.100'] });
    servers.set(id, await PodSandbox.start(lab.node(id).node, {
      process,
      binary: engine('nginx')!,
      capabilities: [],
      volumes: { [MODEL.runDirectory]: folder },
    }));
  }

  beforeEach(async () => {
    lab = await VipLab.create(MODEL);
    await Promise.all(NODES.map(start));
    await lab.settled();
  });
  afterEach(async () => {
    await Promise.all([...servers.values()].map(server => server.kill()));
    await lab.destroy();
    folders.forEach(folder => rmSync(folder, { recursive: true, force: true }));
  });

  const other = (id: string) => NODES.find(node => node !== id)!;

  async function scrape(id: string, host = '127.0.0.1'): Promise<string> {
    const { status, body } = await lab.node(id).node.get(PORT, '/metrics', host);
    return status === 200 ? body : '';
  }

  /** Metrics by name; a name with several series has the last one. */
  async function read(id: string): Promise<{ [name: string]: string }> {
    const lines = (await scrape(id)).split('\n').filter(line => /^\w/.test(line));
    return Object.fromEntries(lines.map(line => [line.split(/[{ ]/)[0], line.split(' ').pop()!]));
  }

  async function shows(id: string, expected: { [name: string]: string }, timeoutMs = 12_000): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; ; await pause(100)) {
      const found = await read(id).catch(() => ({}));
      const differs = Object.entries(expected).some(([name, value]) => (found as { [name: string]: string })[name] !== value);
      if (!differs || Date.now() > deadline) {
        return expect(found).toMatchObject(expected);
      }
    }
  }

  test('shows who holds the address, how often it came, and that the proxy is healthy', async () => {
    const holder = await lab.settled();
    await shows(holder, { keepalived_up: '1', keepalived_vrrp_state: STATES.MASTER, keepalived_become_master_total: '1', keepalived_check_healthy: '1' });
    await shows(other(holder), { keepalived_up: '1', keepalived_vrrp_state: STATES.BACKUP, keepalived_check_healthy: '1' });
    const text = await scrape(holder);
    expect(text).toContain('keepalived_vrrp_state{iname="vip-100",vrid="100",ip_address="192.0.2.100"} 2\n');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`]).toEqual([0, '']);
    const age = Date.now() / 1000 - Number((await read(holder)).keepalived_check_last_success_timestamp_seconds);
    expect(age).toBeLessThan(5);
  });

  test('shows a move, and since when the check of the old holder fails', async () => {
    const holder = await lab.settled();
    await shows(holder, { keepalived_check_healthy: '1' });
    const before = (await read(other(holder))).keepalived_become_master_total;
    await lab.become(holder, 'dead');
    await lab.settled(holder);
    await shows(holder, { keepalived_vrrp_state: STATES.FAULT, keepalived_check_healthy: '0', keepalived_up: '1' });
    await shows(other(holder), { keepalived_vrrp_state: STATES.MASTER, keepalived_become_master_total: `${Number(before) + 1}` });
    const failed = (await read(holder)).keepalived_check_last_success_timestamp_seconds;
    await pause(2_500);
    expect((await read(holder)).keepalived_check_last_success_timestamp_seconds).toBe(failed);
    expect(Number(failed)).toBeGreaterThan(Date.now() / 1000 - 30);
  });

  test('shows no state of a keepalived that was killed, although its files are left', async () => {
    const holder = await lab.settled();
    await lab.node(holder).pod!.kill();
    await shows(holder, { keepalived_up: '0', keepalived_vrrp_state: STATES.none, keepalived_check_healthy: '0' });
  });

  test('shows the settings of the node under the names of node_exporter', async () => {
    const { node } = lab.node('edge-1');
    node.run(['sysctl', '-qw', 'net.ipv4.tcp_migrate_req=1', 'net.ipv4.tcp_tw_reuse=2']);
    await shows('edge-1', { node_sysctl_net_ipv4_tcp_migrate_req: '1', node_sysctl_net_ipv4_tcp_tw_reuse: '2' });
  });

  test('answers readers only, at no virtual address, and nothing else', async () => {
    const holder = await lab.settled();
    await shows(holder, { keepalived_up: '1' });
    const { node } = lab.node(holder);
    await expect(scrape(holder, '192.0.2.100')).rejects.toThrow();
    await expect(scrape(holder, '127.0.0.2')).resolves.toContain('keepalived_up 1');
    const stranger = await node.connect(PORT, '127.0.0.1', '127.0.0.9');
    let answer = '';
    stranger.on('data', bytes => (answer += bytes)).write('GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n');
    await new Promise(resolve => stranger.on('error', () => stranger.destroy()).once('close', resolve));
    expect(answer).toBe('');
    for (const path of ['/', '/metrics/', '/metrics.new', '/nginx.pid', '/../keepalived/vip-100.state']) {
      expect([path, [400, 404].includes((await node.get(PORT, path)).status)]).toEqual([path, true]);
    }
  });

  test('serves again when nginx was killed', async () => {
    const holder = await lab.settled();
    await shows(holder, { keepalived_up: '1' });
    const { stdout } = await servers.get(holder)!.exec(['sh', '-c', 'cat /run/metrics/nginx.pid']);
    await servers.get(holder)!.exec(['kill', '-KILL', stdout.trim()]);
    await pause(5_000);
    await shows(holder, { keepalived_up: '1' });
  });
});
