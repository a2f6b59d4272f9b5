// the open connections of each node, as Prometheus reads them while an address moves: real keepalived, nftables, ss and nginx
import { spawnSync } from 'child_process';
import { engine } from '../../sandbox/engines';
import { HandoverLab } from '../../sandbox/handover-lab';
import { ADDRESSES, keepalivedModel } from '../../sandbox/handover-models';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { pause } from '../../sandbox/waiting';
import { keepalivedMetricsProcess } from '../../src/engines/keepalived/metrics';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(120_000);

const PORT = 9165;
const NODES = ['edge-1', 'edge-2'];

describeEngineInPod('keepalived', binary => {
  const servers: PodSandbox[] = [];
  let lab: HandoverLab;

  beforeEach(async () => {
    lab = await HandoverLab.create(2, binary, { counts: true });
    await lab.startAll();
    const process = keepalivedMetricsProcess(keepalivedModel(lab.model, {}), { addresses: ['0.0.0.0'], port: PORT, readers: ['127.0.0.1/32'], refusedAt: [] });
    for (const id of NODES) {
      servers.push(await PodSandbox.start(lab.node(id).node, { process, binary: engine('nginx')!, capabilities: [], volumes: lab.volumes(id) }));
    }
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(server => server.kill()));
    await lab.destroy();
  });

  const scrape = async (id: string) => (await lab.node(id).node.get(PORT, '/metrics', '127.0.0.1')).body;

  /** Of a node, the connections to each address. */
  async function connectionsOf(id: string): Promise<{ [address: string]: number }> {
    const lines = [...(await scrape(id)).matchAll(/^keepalived_handover_connections\{ip_address="(.*)"\} (\d+)$/gm)];
    return Object.fromEntries(lines.map(([, address, count]) => [address, Number(count)]));
  }

  async function shows(id: string, expected: { [address: string]: number }, timeoutMs = 12_000): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; ; await pause(100)) {
      const found = await connectionsOf(id).catch(() => undefined);
      if (JSON.stringify(found) === JSON.stringify(expected) || Date.now() > deadline) {
        return expect(found).toEqual(expected);
      }
    }
  }

  const each = (count: number) => Object.fromEntries(ADDRESSES.map(address => [address, count]));

  test('connections stay on their node when the addresses move, and the figure of that node goes down as they end', async () => {
    const old = await lab.open(4);
    await lab.answers(old);
    await shows('edge-1', each(4));
    await shows('edge-2', each(0));
    await lab.endKeepalived('edge-1');
    expect(await lab.moved('edge-1')).toBe('edge-2');
    const fresh = await lab.open(1);
    await lab.answers(fresh);
    await shows('edge-2', each(1));
    await shows('edge-1', each(4));
    await lab.closeConnections('edge-1');
    await shows('edge-1', each(0));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await scrape('edge-1'), encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`]).toEqual([0, '']);
  });

  test('there is no figure when the hand-over has ended, although its file is left', async () => {
    await shows('edge-2', each(0));
    await lab.handover('edge-2').kill();
    await shows('edge-2', {}, 40_000);
    expect(await scrape('edge-2')).toContain('keepalived_vrrp_state');
  });
});
