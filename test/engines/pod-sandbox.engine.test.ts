// the sandbox has exactly a pod's privileges
import { EdgeNode } from '../../sandbox/edge-node';
import { PodSandbox } from '../../sandbox/pod-sandbox';
import type { ContainerProcess } from '../../src/engines/container-process';
import { describeEngineInPod } from '../support/describe-engine';

describeEngineInPod('envoy', binary => {
  let node: EdgeNode;
  let pod: PodSandbox;
  const engineProcess: ContainerProcess = {
    command: ['sleep', '600'],
    readiness: ['true'],
    liveness: ['true'],
    preStop: ['true'],
    files: { 'front.cfg': 'hello\n' },
    writableDirectories: ['/run/front/deep', '/tmp'],
  };

  beforeAll(async () => {
    node = await EdgeNode.create();
    pod = await PodSandbox.start(node, { process: engineProcess, binary, env: { NODE_NAME: 'edge-1' } });
  });
  afterAll(async () => {
    await pod?.kill();
    await node?.destroy();
  });

  const bash = async (script: string) => {
    const { status, stdout } = await pod.exec(['bash', '-c', script]);
    return [status, stdout.trim()];
  };

  test('has uid 0, one capability, and cannot get more', async () => {
    const [, text] = await bash('id -u; grep -E "^(Cap(Prm|Eff|Bnd|Inh)|NoNewPrivs)" /proc/self/status /proc/1/status | cut -d: -f2- | tr -s "\\t" " " | sort -u');
    expect(text).toBe('0\nCapBnd: 0000000000000400\nCapEff: 0000000000000400\nCapInh: 0000000000000400\nCapPrm: 0000000000000400\nNoNewPrivs: 1');
  });

  test('can write only to the writable directories', async () => {
    expect(await bash('touch /run/front/deep/a /tmp/a')).toEqual([0, '']);
    for (const path of ['/', '/etc', '/run', '/run/front', '/dev/shm', '/var/log', '/root', '/proc/sys/net/ipv4/tcp_fin_timeout', '/usr/bin']) {
      expect([path, await bash(`[ -d ${path} ] && touch ${path}/a || echo 1 > ${path}`)]).toEqual([path, [1, '']]);
    }
  });

  test('has the config files in /etc beside the image\'s', async () => {
    expect(await bash('cat /etc/front.cfg; test -e /etc/passwd')).toEqual([0, 'hello']);
  });

  test('starts its command as process 1', async () => {
    expect(await bash('tr "\\0" " " < /proc/1/cmdline')).toEqual([0, 'sleep 600']);
  });

  test('is on the node\'s network', async () => {
    const server = await node.listen(80, '127.0.0.1', socket => socket.end('from the test\n'));
    expect(await bash('cat < /dev/tcp/127.0.0.1/80')).toEqual([0, 'from the test']);
    server.close();
    await expect(node.connect(80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('drops standard output if asked to, but keeps standard error', async () => {
    const command = ['bash', '-c', 'echo said; echo complained >&2'];
    const quiet = await PodSandbox.start(node, { process: { ...engineProcess, command }, binary, forgetsOutput: true });
    await quiet.exited;
    expect([quiet.stdout, quiet.stderr]).toEqual(['', 'complained\n']);
  });

  test('reports how its command ended', async () => {
    const short = await PodSandbox.start(node, { process: { ...engineProcess, command: ['bash', '-c', 'echo out; echo err >&2; exit 3'] }, binary });
    expect(await short.exited).toBe(3);
    expect([short.stdout, short.stderr]).toEqual(['out\n', 'err\n']);
    const long = await PodSandbox.start(node, { process: { ...engineProcess, command: ['sleep', '60'] }, binary });
    expect((await long.exec(['bash', '-c', 'kill -TERM $$'])).status).toBe(143);
    await long.kill();
    expect(await long.exited).toBe(137);
  });
});
