// the failover time of a virtual IP at four advert intervals, and the CPU time of keepalived
import { ChildProcess, spawn } from 'node:child_process';
import { Duration } from 'cdk8s';
import { binaryOf, cpuSeconds, podOf } from './pod';
import { GapsReport, WireTool } from './tool';
import { median } from '../../lab/figures';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import { chartOf, only, synth } from '../../sandbox/synth';
import { VipLab } from '../../sandbox/vip-lab';
import { pause } from '../../sandbox/waiting';
import { EdgeNodes, FrontEnvoy, IngressGateway, KeepalivedVip, VirtualAddress } from '../../src';
import { FRONT_HEALTH } from '../../src/front/plan';
import { planVip } from '../../src/vip/plan';
import type { Findings } from '../findings';

/** Advert interval in milliseconds, and number of rounds: fewer for long intervals, to save time. */
const ADVERTS: [number, number][] = [[1000, 3], [200, 7], [100, 7], [10, 7]];
const ADDRESS = '192.0.2.100';
const PORT = 9;
const NODES = ['edge-1', 'edge-2'];
const COST_SECONDS = 3;
/** Priority of the second node, which becomes MASTER. */
const BACKUP_PRIORITY = 249;

export async function measureVip(tool: WireTool, findings: Findings): Promise<void> {
  for (const [advertMs, rounds] of ADVERTS) {
    await measureInterval(advertMs, rounds, tool, findings);
  }
}

async function measureInterval(advertMs: number, rounds: number, tool: WireTool, findings: Findings): Promise<void> {
  const { lab, start } = await makeLab(advertMs);
  const echoes: ChildProcess[] = [];
  try {
    const pods = new Map<string, PodSandbox>();
    for (const id of NODES) pods.set(id, await start(id));
    await lab.settled();
    NODES.forEach(id => {
      const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...lab.node(id).node.enter, ...tool.command('echo', '--listen', `${ADDRESS}:${PORT}`)];
      echoes.push(spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }));
    });
    await pause(500);
    const what = `VIP, adverts every ${advertMs} ms`;
    await measureCost(what, lab, pods, findings);
    await measureFailover(what, advertMs, rounds, lab, tool, findings);
  } finally {
    echoes.forEach(child => child.kill('SIGKILL'));
    await lab.destroy();
  }
}

/** Two nodes and a client on one switch, with keepalived as the library configures it. */
async function makeLab(advertMs: number): Promise<{ lab: VipLab; start: (id: string) => Promise<PodSandbox> }> {
  const chart = chartOf();
  const nodes = EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11' }, { hostname: 'edge-2', address: '192.0.2.12' });
  const props = { nodes, networkInterface: 'eth0', virtualAddresses: [VirtualAddress.of(ADDRESS)], advertInterval: Duration.millis(advertMs) };
  const front = new FrontEnvoy(chart, 'front', { nodes, gateway: new IngressGateway(chart, 'gateway') });
  new KeepalivedVip(chart, 'vip', props).track(front);
  const manifests = synth(chart);
  const workload = only(manifests, 'DaemonSet', 'edge-vip');
  // the client is a third node, on which keepalived is never started
  const lab = await VipLab.create(planVip('edge-vip', props, [{ name: 'front', health: FRONT_HEALTH }]), [...NODES, 'client']);
  const start = async (id: string) => {
    const { process, capabilities } = podOf(manifests, workload, { NODE_NAME: id });
    const pod = await lab.start(id, binaryOf('keepalived'), { change: () => process, capabilities });
    await pod.ready();
    return pod;
  };
  return { lab, start };
}

async function measureCost(what: string, lab: VipLab, pods: Map<string, PodSandbox>, findings: Findings): Promise<void> {
  const master = await lab.settled();
  const look = () => NODES.map(id => ({ cpu: cpuSeconds(pods.get(id)!, 'keepalived'), sent: packetsSent(lab, id) }));
  const before = look();
  await pause(COST_SECONDS * 1000);
  const after = look();
  NODES.forEach((id, i) => {
    const role = id === master ? 'master' : 'backup';
    findings.add(`${what}, CPU of the ${role}'s keepalived`, (after[i].cpu - before[i].cpu) / COST_SECONDS * 1000, 'ms/s');
    if (role === 'master') findings.add(`${what}, packets of the master`, (after[i].sent - before[i].sent) / COST_SECONDS, '1/s');
  });
}

function packetsSent(lab: VipLab, id: string): number {
  const [link] = JSON.parse(lab.node(id).node.run(['ip', '-s', '-json', 'link', 'show', 'dev', 'eth0'])) as [{ stats64: { tx: { packets: number } } }];
  return link.stats64.tx.packets;
}

/** RFC 9568: a BACKUP waits for three adverts and its skew, which is shorter for a higher priority. */
function limitMs(advertMs: number): number {
  return (3 + (256 - BACKUP_PRIORITY) / 256) * advertMs;
}

async function measureFailover(what: string, advertMs: number, rounds: number, lab: VipLab, tool: WireTool, findings: Findings): Promise<void> {
  const outages: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const master = await lab.settled();
    const seconds = 1 + limitMs(advertMs) * 1.5 / 1000;
    const watching = tool.run<GapsReport>(lab.node('client').node.enter, ['gaps', '--target', `${ADDRESS}:${PORT}`, '--duration', `${seconds}s`]);
    await pause(500 + Math.random() * advertMs);
    lab.cable(master, 'pulled');
    const { longestMs } = await watching;
    outages.push(longestMs);
    lab.cable(master, 'plugged');
    await pause(Math.max(1000, 2 * limitMs(advertMs)));
  }
  const limit = limitMs(advertMs);
  const against = { against: `the formula's ${limit.toFixed(0)} ms` };
  findings.add(`${what}, cable pulled, median of ${rounds}`, median(outages), 'ms', {}, { ...against, ratio: median(outages) / limit });
  findings.add(`${what}, cable pulled, worst of ${rounds}`, Math.max(...outages), 'ms', {}, { ...against, ratio: Math.max(...outages) / limit });
}
