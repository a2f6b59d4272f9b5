// all nodes serve one address: real keepalived and real nftables give each node its share of the connections
import type { Connection, Visit } from '../../sandbox/connection';
import { Visitors } from '../../sandbox/connection';
import { HandoverLab } from '../../sandbox/handover-lab';
import type { HandoverLabOptions } from '../../sandbox/handover-models';
import { ADDRESSES } from '../../sandbox/handover-models';
import { pause } from '../../sandbox/waiting';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(180_000);

const IDS = ['edge-1', 'edge-2', 'edge-3'];

describeEngineInPod('keepalived', binary => {
  let lab: HandoverLab;
  afterEach(async () => lab?.destroy());

  async function start(count: number, options: HandoverLabOptions = {}): Promise<void> {
    lab = await HandoverLab.create(count, binary, { ...options, spread: true });
    await lab.startAll();
  }

  /** Open connections whose node is known. */
  async function opened(each: number): Promise<Connection[]> {
    const connections = await lab.open(each);
    expect(await lab.broken(connections)).toEqual([]);
    return connections;
  }

  /** New connections to the addresses in turn. */
  function visitors(): Visitors {
    let count = 0;
    return new Visitors(() => lab.connect(ADDRESSES[count++ % ADDRESSES.length]), 40);
  }

  const failed = (visits: Visit[]) => visits.filter(({ answer }) => !IDS.includes(answer));
  const servedBy = (visits: { answer: string }[]) => [...new Set(visits.map(({ answer }) => answer))].sort();

  test.each([[2, 0.65], [3, 0.45]])('%d nodes share the connections of each address, and answer the clients directly', async (count, most) => {
    await start(count);
    lab.client.run(['nft', 'table inet watch { set who { type ether_addr; flags dynamic; size 64; }; chain in { type filter hook input priority 0; '
      + 'tcp sport 443 update @who { ether saddr }; }; }']);
    const connections = await opened(100);
    const ids = IDS.slice(0, count);
    ADDRESSES.forEach((_, index) => {
      const nodes = connections.slice(index * 100, (index + 1) * 100).map(({ node }) => node);
      expect([...new Set(nodes)].sort()).toEqual(ids);
    });
    ids.forEach(id => expect(connections.filter(({ node }) => node === id).length).toBeLessThanOrEqual(most * 300));
    const seen = lab.client.run(['nft', 'list', 'set', 'inet', 'watch', 'who']);
    ids.forEach(id => expect(seen).toContain(lab.node(id).hardwareAddress('eth0')));
  });

  test('with SYN cookies, and strict settings of the kernel', async () => {
    await start(3, { settings: ['net.ipv4.tcp_syncookies=2', 'net.ipv4.conf.all.rp_filter=1'] });
    const connections = await opened(20);
    expect([...new Set(connections.map(({ node }) => node))].sort()).toEqual(IDS);
  });

  test.each(IDS)('the crash of %s breaks its own connections and no others, new ones are served, and its return breaks none', async id => {
    await start(3, { advertMs: 150 });
    const connections = await opened(60);
    const others = connections.filter(({ node }) => node !== id);
    expect(1 - others.length / connections.length).toBeLessThanOrEqual(0.45);
    const visits = visitors();
    await pause(500);
    lab.cut(id);
    const crashedMs = visits.nowMs;
    await pause(2_500);
    // one that began before the crash may have been a connection of this node
    const during = (await visits.end()).filter(({ beganMs }) => beganMs > crashedMs);
    expect(failed(during)).toEqual([]);
    expect(during.filter(({ beganMs, tookMs }) => beganMs > crashedMs + 600 && tookMs > 1_000)).toEqual([]);
    expect(await lab.broken(others)).toEqual([]);
    const later = await opened(10);
    const back = visitors();
    await lab.comeBack(id);
    await lab.ready(id);
    await pause(1_000);
    const after = await back.end();
    expect(failed(after)).toEqual([]);
    expect(servedBy(after)).toEqual(IDS);
    expect(await lab.broken([...others, ...later])).toEqual([]);
  });

  test('planned moves break nothing: keepalived ends, the address goes back, the container of the hand-over is replaced', async () => {
    await start(3, { preempt: true });
    const connections = await opened(20);
    const visits = visitors();
    await lab.endKeepalived('edge-1');
    await lab.moved('edge-1');
    await lab.startKeepalived('edge-1');
    expect(await lab.moved('edge-2')).toBe('edge-1');
    for (const id of ['edge-1', 'edge-2']) {
      lab.handover(id).signal('SIGTERM');
      await lab.handover(id).exited;
      await pause(500);
      await lab.startHandover(id);
    }
    await pause(500);
    expect(failed(await visits.end())).toEqual([]);
    expect(await lab.broken(connections)).toEqual([]);
  });

  const OUT: [string, number, (id: string) => Promise<void> | void][] = [
    ['whose proxy hangs', 3_000, id => lab.become(id, 'hung')],
    ['whose proxy is sick', 1_500, id => lab.become(id, 'sick')],
    ['whose keepalived is dead', 2_500, id => lab.signalKeepalived(id, 'SIGKILL')],
    ['whose hand-over ends, as in a drain', 500, id => lab.handover(id).signal('SIGTERM')],
    ['whose hand-over is dead', 4_000, id => lab.handover(id).kill()],
  ];

  test.each(OUT)('a node %s gets no new connections, and keeps those that it has', async (_, mostMs, takeOut) => {
    await start(3);
    const connections = await opened(10);
    await takeOut('edge-2');
    const began = Date.now();
    await lab.ready('edge-2', 'unready');
    expect(Date.now() - began).toBeLessThan(mostMs);
    const visits = visitors();
    await pause(1_500);
    const during = await visits.end();
    expect(failed(during)).toEqual([]);
    expect(servedBy(during)).toEqual(['edge-1', 'edge-3']);
    expect(await lab.broken(connections)).toEqual([]);
  });

  test('a node whose proxy is dead gets no new connections, even before its check fails', async () => {
    await start(3);
    lab.stopListening('edge-2');
    expect(Object.keys(await lab.answers(await lab.open(20))).sort()).toEqual(['edge-1', 'edge-3']);
  });

  test('if no node is ready, the holder serves the new connections', async () => {
    await start(2);
    await Promise.all(IDS.slice(0, 2).map(id => lab.handover(id).kill()));
    await Promise.all(IDS.slice(0, 2).map(id => lab.ready(id, 'unready')));
    expect(await lab.answers(await lab.open(10))).toEqual({ 'edge-1': 30 });
  });

  test('a connection that no node knows is reset at once, and does not go round', async () => {
    await start(3);
    const connections = await lab.open(10);
    for (const id of IDS) {
      await lab.forgetConnections(id);
    }
    expect(await lab.answers(connections, 1_000)).toEqual({ 'read ECONNRESET': 30 });
  });
});
