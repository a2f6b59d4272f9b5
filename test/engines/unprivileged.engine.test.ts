// attacks of an unprivileged process on the node's network, against each real engine
import { spawnSync } from 'child_process';
import { debianProcess } from './nginx-pod';
import { Squatter, unprivileged } from './squatter';
import { EdgeNode } from '../../sandbox/edge-node';
import type { EngineName } from '../../sandbox/engines';
import { describeEngineInPod } from '../support/describe-engine';
import { proxy } from './golden/local-gateway/model';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { adminSocket } from '../../src/engines/envoy/admin';
import { envoyProcess } from '../../src/engines/envoy/process';
import { haproxyProcess } from '../../src/engines/haproxy/process';
import type { ShutdownTimes, ProxyModel } from '../../src/engines/proxy-model';
import { FRONT_HEALTH } from '../../src/front/plan';

const OPTIONS = { lameDuckSeconds: 0, drainSeconds: 2 };
const MODEL: ProxyModel = { ...proxy, health: FRONT_HEALTH };
const ANSWER = { status: 200, body: `${proxy.name} 80 443 ${FRONT_HEALTH.port}` };

const ENGINES: { name: EngineName; process: (model: ProxyModel, options: ShutdownTimes) => ContainerProcess }[] = [
  { name: 'envoy', process: envoyProcess },
  { name: 'haproxy', process: haproxyProcess },
  { name: 'nginx', process: debianProcess },
];

let node: EdgeNode;
let pod: PodSandbox | undefined;

beforeEach(async () => {
  node = await EdgeNode.create();
});
afterEach(async () => {
  await pod?.kill();
  await node.destroy();
});

async function started(binary: string, engineProcess: ContainerProcess): Promise<PodSandbox> {
  const files = { ...engineProcess.files, 'resolv.conf': 'nameserver 127.0.0.1\n' };
  pod = await PodSandbox.start(node, { binary, process: { ...engineProcess, files } });
  await pod.ready(20_000); // no name server answers on port 53
  return pod;
}

describe.each(ENGINES)('on the network of a front proxy', ({ name, process }) => {
  describeEngineInPod(name, binary => {
    test('an unprivileged process cannot take the health port, neither beside the proxy nor while it is down', async () => {
      const proxyPod = await started(binary, process(MODEL, OPTIONS));
      await expect(Squatter.start(node, FRONT_HEALTH.port)).rejects.toThrow('Permission denied');
      expect(await node.get(FRONT_HEALTH.port, FRONT_HEALTH.path)).toEqual(ANSWER);
      await proxyPod.kill();
      await expect(Squatter.start(node, FRONT_HEALTH.port)).rejects.toThrow('Permission denied');
      await expect(node.connect(FRONT_HEALTH.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });

    test('listens on its own ports and nowhere else', async () => {
      await started(binary, process(MODEL, OPTIONS));
      const listening = node.run(['ss', '-Htln']).trim().split('\n').map(line => line.trim().split(/\s+/)[3]);
      expect([...new Set(listening)].sort()).toEqual(['0.0.0.0:443', '0.0.0.0:80', `127.0.0.1:${FRONT_HEALTH.port}`]);
    });
  });
});

describeEngineInPod('envoy', binary => {
  const { readiness } = envoyProcess(MODEL, OPTIONS);
  const QUIT = '$admin = IO::Socket::UNIX->new(Peer => shift) or die "$!\\n"; $admin->print("POST /quitquitquit HTTP/1.1\\r\\nHost: admin\\r\\n\\r\\n")';
  const quit = ['perl', '-MIO::Socket::UNIX', '-e', QUIT, adminSocket(MODEL)];

  test('only its own user reaches its admin', async () => {
    const proxyPod = await started(binary, envoyProcess(MODEL, OPTIONS));
    const stranger = spawnSync('nsenter', ['--target', `${proxyPod.pid}`, '--net', '--mount', ...unprivileged(), ...quit], { encoding: 'utf8' });
    expect(stranger).toMatchObject({ status: 13, stderr: 'Permission denied\n' });
    expect(await proxyPod.exec(readiness)).toMatchObject({ status: 0, stderr: '' });

    // the same request from its own user ends it
    expect(await proxyPod.exec(quit)).toMatchObject({ status: 0, stderr: '' });
    expect(await proxyPod.exited).toBe(0);
  });

  test('starts over the socket of a process that was killed', async () => {
    const { command, ...rest } = envoyProcess(MODEL, OPTIONS);
    const leaveSocket = 'perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new(Local => shift, Listen => 1) or die" "$0"; [ -S "$0" ] && exec "$@"';
    const proxyPod = await started(binary, { ...rest, command: ['bash', '-c', leaveSocket, adminSocket(MODEL), ...command] });
    expect(await proxyPod.exec(['stat', '-c', '%a %u', adminSocket(MODEL)])).toMatchObject({ stdout: '600 0\n' });
  });

  test('is not ready while its admin does not answer', async () => {
    const proxyPod = await started(binary, envoyProcess(MODEL, OPTIONS));
    const nowhere = readiness.map(word => word === adminSocket(MODEL) ? '/run/front/nowhere.sock' : word);
    expect(await proxyPod.exec(nowhere)).toMatchObject({ status: 1, stderr: '/run/front/nowhere.sock: No such file or directory\n' });
  });
});
