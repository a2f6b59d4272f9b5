// real keepalived and real nftables move virtual addresses between nodes whose clients stay connected
import { spawn } from 'child_process';
import { once } from 'events';
import type { Connection } from '../../sandbox/connection';
import { HandoverLab } from '../../sandbox/handover-lab';
import { ADDRESSES } from '../../sandbox/handover-models';
import { STRICT } from '../../sandbox/vip-lab';
import { pause, untilTrue } from '../../sandbox/waiting';
import { handoverProcess } from '../../src/engines/handover/process';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(120_000);

describeEngineInPod('keepalived', binary => {
  let lab: HandoverLab;
  afterEach(async () => lab?.destroy());

  test('without it, a move breaks every open connection', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll(false);
    const connections = await lab.open(4);
    expect(await lab.answers(connections)).toEqual({ 'edge-1': 12 });
    await lab.endKeepalived('edge-1');
    await lab.moved('edge-1');
    expect(await lab.answers(connections)).toEqual({ 'read ECONNRESET': 12 });
  });

  test.each(Object.entries({
    'rp_filter off': [], 'strict kernel settings': STRICT, 'rp_filter loose': ['net.ipv4.conf.all.rp_filter=2'],
  }))('no connection breaks, wherever it was opened, while the addresses go round three nodes (%s)', async (_, settings) => {
    lab = await HandoverLab.create(3, binary, { settings });
    await lab.startAll();
    const connections: Connection[] = [];
    for (let move = 0; move < 3; move++) {
      connections.push(...await lab.open(3));
      expect(await lab.broken(connections)).toEqual([]);
      const [holder] = lab.holders(ADDRESSES[0]);
      await lab.endKeepalived(holder);
      await lab.moved(holder);
      expect(await lab.broken(connections)).toEqual([]);
      await lab.startKeepalived(holder);
    }
    expect(new Set(connections.map(connection => connection.node)).size).toBeGreaterThan(1);
  });

  test('a node whose keepalived is better takes the addresses back, and no connection breaks', async () => {
    lab = await HandoverLab.create(2, binary, { preempt: true });
    await lab.startAll();
    await lab.endKeepalived('edge-1');
    await lab.moved('edge-1');
    const connections = await lab.open(4);
    await lab.startKeepalived('edge-1');
    expect(await lab.moved('edge-2')).toBe('edge-1');
    expect(await lab.answers(connections)).toEqual({ 'edge-2': 12 });
  });

  test('a client may take a port again that the next holder has in TIME_WAIT', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const first = await lab.moved();
    lab.client.run(['sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40001']);
    const before = await lab.connect(ADDRESSES[0]);
    expect(await before.ask()).toBe(first);
    await lab.closeConnections(first);
    // until then, the closing node answers for it
    await pause(1_000);
    await lab.endKeepalived(first);
    const second = await lab.moved(first);
    const connection = await lab.connect(ADDRESSES[0]);
    expect(await connection.ask()).toBe(second);
    await lab.startKeepalived(first);
    await lab.endKeepalived(second);
    await lab.moved(second);
    expect(await connection.ask()).toBe(second);
  });

  test('the last packets of a connection that the server has closed reach its own node, and no other', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const { node: peer } = lab.node('edge-2');
    peer.run(['nft', 'table ip watch { chain in { type filter hook prerouting priority -400; ip daddr 192.0.2.100 counter; }; }']);
    const [program, ...args] = [...lab.client.enter, 'bash', '-c', 'exec 3<>/dev/tcp/192.0.2.100/443; echo >&3; read -r line <&3; echo "$line"; sleep 0.4'];
    const client = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(client, 'exit');
    expect(`${(await once(client.stdout, 'data'))[0]}`).toBe('edge-1\n');
    await lab.closeConnections('edge-1');
    await ended;
    await pause(200);
    expect(peer.run(['nft', 'list', 'table', 'ip', 'watch'])).toContain('counter packets 0 ');
  });

  test('rules that are loaded again have the lease, and the peers with their hardware addresses, from their first moment on', async () => {
    lab = await HandoverLab.create(3, binary);
    await lab.startAll();
    const { node } = lab.node('edge-2');
    const [program, ...args] = [...node.enter, 'nft', 'monitor'];
    const monitor = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    monitor.stdout.on('data', data => (text += data));
    const load = () => text.split('# new generation').slice(0, -1).find(step => step.includes('add table ip edge-vip\n'))!;
    try {
      await pause(300);
      await lab.startHandover('edge-2');
      await untilTrue(() => load() !== undefined);
    } finally {
      monitor.kill();
    }
    for (const family of ['ip', 'ip6']) {
      for (const set of ['lease', 'alive1', 'alive3']) {
        expect(load()).toMatch(new RegExp(`add element ${family} edge-vip ${set} { "?host`));
      }
      expect(load().match(new RegExp(`add element ${family} edge-vip peers`, 'g'))).toHaveLength(2);
    }
  });

  test('a pod that is replaced takes over what its predecessor left', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const connections = await lab.open(4);
    lab.handover('edge-1').signal('SIGTERM');
    await lab.endKeepalived('edge-1');
    expect(await lab.handover('edge-1').exited).toBe(0);
    expect(lab.handover('edge-1').stdout).toContain('connections are left');
    expect(lab.traces('edge-1').filter(line => line.includes('silence'))).toEqual([]);
    expect(await lab.answers(connections)).toEqual({ 'edge-1': 12 });
    await lab.startHandover('edge-1');
    await lab.startKeepalived('edge-1');
    expect(await lab.answers(connections)).toEqual({ 'edge-1': 12 });
    await lab.endKeepalived('edge-2');
    expect(await lab.moved('edge-2')).toBe('edge-1');
    expect(await lab.answers(connections)).toEqual({ 'edge-1': 12 });
  });

  test('IPv6 connections also stay open when they are all that a pod leaves', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const connections = await Promise.all([1, 2].map(() => lab.connect('2001:db8::100')));
    expect(await lab.broken(connections)).toEqual([]);
    lab.handover('edge-1').signal('SIGTERM');
    await lab.endKeepalived('edge-1');
    expect(await lab.handover('edge-1').exited).toBe(0);
    expect(await lab.answers(connections)).toEqual({ 'edge-1': 2 });
  });

  test('a node that dies loses its own connections within 3 s, and no others; new ones are served', async () => {
    lab = await HandoverLab.create(3, binary);
    await lab.startAll();
    const first = await lab.open(4);
    await lab.endKeepalived('edge-1');
    await lab.moved('edge-1');
    const others = await lab.open(4);
    expect(await lab.broken(others)).toEqual([]);
    lab.cut('edge-1');
    const started = Date.now();
    const [answers, fresh] = await Promise.all([lab.answers(first, 5_000), lab.open(4)]);
    expect(answers).toEqual({ 'read ECONNRESET': 12 });
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(Object.keys(await lab.answers(fresh)).sort()).toEqual([...new Set(others.map(connection => connection.node))].sort());
    expect(await lab.broken(others)).toEqual([]);
  });

  test('a connection that no node knows is reset at once, and does not go round', async () => {
    lab = await HandoverLab.create(3, binary);
    await lab.startAll();
    const connections = await lab.open(4);
    await lab.forgetConnections('edge-1');
    expect(await lab.answers(connections, 1_000)).toEqual({ 'read ECONNRESET': 12 });
  });

  test('a holder whose proxy is dead passes new connections on to a node whose proxy lives', async () => {
    lab = await HandoverLab.create(3, binary);
    await lab.startAll();
    const before = await lab.open(2);
    lab.stopListening('edge-1');
    expect(await lab.answers(await lab.open(2))).toEqual({ 'edge-2': 6 });
    expect(await lab.answers(before)).toEqual({ 'edge-1': 6 });
    ['edge-2', 'edge-3'].forEach(id => lab.stopListening(id));
    await expect(lab.open(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a connection to another port, which the kernel forwards, stays as it is', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const { node } = lab.node('edge-1');
    node.run(['nft', 'table ip nodeports { chain pre { type nat hook prerouting priority -100; tcp dport 30443 redirect to :443; }; }']);
    const connection = await lab.connect(ADDRESSES[0], 30_443);
    expect(await connection.ask()).toBe('edge-1');
    // as after ten seconds
    node.run(['nft', 'flush', 'set', 'ip', 'edge-vip', 'handshakes']);
    expect(await connection.ask()).toBe('edge-1');
  });

  test('its liveness probe fails only while its script is stopped', async () => {
    lab = await HandoverLab.create(2, binary);
    await lab.startAll();
    const pod = lab.handover('edge-1');
    const probe = async () => (await pod.exec(handoverProcess(lab.model).liveness)).status;
    expect(await probe()).toBe(0);
    pod.signal('SIGSTOP');
    expect(await probe()).toBe(1);
    pod.signal('SIGCONT');
    expect(await probe()).toBe(0);
  });
});
