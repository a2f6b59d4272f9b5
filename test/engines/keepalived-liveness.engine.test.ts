// the liveness probe of keepalived's container: a hung keepalived or checker fails it; a sick node and a busy one pass
import { readFileSync } from 'fs';
import { vip as unicast } from './golden/vip-unicast/model';
import { CpuQuota } from '../../sandbox/cpu-quota';
import type { PodSandbox } from '../../sandbox/pod-sandbox';
import { quick, VipLab } from '../../sandbox/vip-lab';
import { pause } from '../../sandbox/waiting';
import { keepalivedProcess } from '../../src/engines/keepalived/process';
import { describeEngineInPod } from '../support/describe-engine';

jest.setTimeout(120_000);

const model = quick(unicast);
const PASSES = { status: 0, stdout: '', stderr: '' };
const probe = async (pod: PodSandbox) => pod.exec(keepalivedProcess(model).liveness);

/** Longer than the probe waits for life. */
const SILENT_MS = 17_000;

/** To processes of the container: the VRRP process has the arguments of its parent, and a name that depends on the engine. */
async function signal(pod: PodSandbox, name: 'STOP' | 'CONT', ...which: string[]): Promise<void> {
  expect(await pod.exec(['pkill', `-${name}`, ...which])).toMatchObject({ status: 0 });
}

const VRRP = ['-P', '1', '-f', 'dont-fork'];
const CHECKER = ['-f', 'keepalived-checker.sh'];

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(text => text).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

async function untilPasses(pod: PodSandbox): Promise<void> {
  for (let i = 0; i < 50 && (await probe(pod)).status !== 0; i++) {
    await pause(100);
  }
  expect(await probe(pod)).toEqual(PASSES);
}

describeEngineInPod('keepalived', binary => {
  let lab: VipLab;
  let pod: PodSandbox;
  let other: PodSandbox;

  beforeAll(async () => {
    lab = await VipLab.create(model);
    await lab.startAll(binary);
    [pod, other] = ['edge-1', 'edge-2'].map(id => lab.node(id).pod!);
  });
  afterAll(async () => lab?.destroy());

  test('passes on the holder and on the other node', async () => {
    expect(await Promise.all([probe(pod), probe(other)])).toEqual([PASSES, PASSES]);
  });

  test('fails at once while the parent process is stopped', async () => {
    pod.signal('SIGSTOP');
    expect(await probe(pod)).toEqual({ status: 1, stdout: 'process 1 is stopped\n', stderr: '' });
    pod.signal('SIGCONT');
    await untilPasses(pod);
  });

  test('fails while the VRRP process or a checker is stopped, and passes when it goes on', async () => {
    await signal(pod, 'STOP', ...VRRP);
    await signal(other, 'STOP', ...CHECKER);
    await pause(SILENT_MS);
    const silent = { status: 1, stdout: expect.stringMatching(/^keepalived or a checker has shown no life since \d+ s\n$/) };
    expect(await Promise.all([probe(pod), probe(other)])).toMatchObject([silent, silent]);
    await signal(pod, 'CONT', ...VRRP);
    await signal(other, 'CONT', ...CHECKER);
    await untilPasses(pod);
    await untilPasses(other);
  });

  test('passes while the proxy hangs, and the other node does not answer', async () => {
    await lab.become('edge-1', 'hung');
    lab.cable('edge-1', 'pulled');
    await pause(SILENT_MS);
    expect(await Promise.all([probe(pod), probe(other)])).toEqual([PASSES, PASSES]);
    lab.cable('edge-1', 'plugged');
    await lab.become('edge-1', 'healthy');
  });

  test('passes while the container gets a twentieth of a CPU', async () => {
    const quota = CpuQuota.create(0.05);
    descendants(other.pid).forEach(pid => quota.add(pid));
    try {
      await pause(SILENT_MS);
      expect(await probe(other)).toEqual(PASSES);
    } finally {
      await other.kill();
      await quota.destroy();
    }
  });
});
