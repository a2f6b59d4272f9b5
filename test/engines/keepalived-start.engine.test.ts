// when keepalived's container refuses to start, and in which images it starts
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { describeEngineInPod } from '../support/describe-engine';
import { vip as unicast } from './golden/vip-unicast/model';
import { quick, SPLIT_USR, VipLab } from '../../sandbox/vip-lab';
import { pause, untilPasses } from '../../sandbox/waiting';
import type { ContainerProcess } from '../../src/engines/container-process';

describeEngineInPod('keepalived', binary => {
  const tools = mkdtempSync(join(tmpdir(), 'edge-tools-'));
  let lab: VipLab;
  beforeAll(async () => {
    symlinkSync(binary, join(tools, 'keepalived'));
    ['rm', 'sleep', 'sh'].forEach(tool => symlinkSync(`/bin/${tool}`, join(tools, tool)));
    lab = await VipLab.create(quick(unicast), ['edge-1']);
  });
  afterAll(async () => {
    await lab?.destroy();
    rmSync(tools, { recursive: true });
  });

  const onlyTools = (process: ContainerProcess) => ({ ...process, command: ['env', `PATH=${tools}`, ...process.command] });
  const config = (from: string, to: string) => (process: ContainerProcess) => (
    { ...process, files: { ...process.files, 'keepalived.conf': process.files['keepalived.conf'].replace(from, to) } });

  const withPath = (path: string) => (process: ContainerProcess) => ({ ...process, command: ['env', `PATH=${dirname(binary)}:${path}`, ...process.command] });
  const usual = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

  test.each([
    ['is a link, as on merged /usr, and comes last on PATH', usual, ''],
    ['is a link, as on merged /usr, and comes first on PATH', '/bin:/usr/bin', ''],
    ['is a folder, and the shell is there only', usual, SPLIT_USR],
  ])('holds the address when /bin %s', async (_, path, image) => {
    expect(lstatSync('/bin').isSymbolicLink()).toBe(true);
    const pod = await lab.start('edge-1', binary, { image, change: withPath(path) });
    await pod.ready();
    expect(await lab.settled()).toBe('edge-1');
    expect((await pod.exec(['readlink', '/bin'])).stdout).toBe(image ? '' : 'usr/bin\n');
    await pod.kill();
    lab.node('edge-1').node.run(['ip', 'address', 'flush', 'to', '192.0.2.100']);
  });

  const withoutDirectory = (process: ContainerProcess) => ({ ...process, writableDirectories: ['/run/other'] });
  const withoutScript = config('  script "sh', '  script "nonexistent');

  test.each([
    ['its node is not a known one', { nodeName: 'edge-9' },
      "NODE_NAME is 'edge-9', but the configuration has only the nodes edge-1 edge-2"],
    ['SETGID is missing', { capabilities: ['net_admin', 'net_raw'] }, 'lacks the capability SETGID'],
    ['NET_ADMIN is missing', { capabilities: ['net_raw', 'setgid'] }, 'lacks the capability NET_ADMIN'],
    ['NET_RAW is missing', { capabilities: ['net_admin', 'setgid'] }, 'lacks the capability NET_RAW'],
    ['the image has no tool for the check', { change: onlyTools }, 'neither curl nor wget'],
    ['its directory is not there', { change: withoutDirectory }, '/run/keepalived is not a writable directory'],
    ['keepalived would drop a script', { change: withoutScript }, 'errors in the configuration (exit code 5)'],
  ])('does not start when %s', async (_, options, message) => {
    const pod = await lab.start('edge-1', binary, options);
    expect(await pod.exited).toBe(1);
    expect(pod.stderr).toContain(message);
    expect(lab.holders()).toEqual({ '192.0.2.100': [] });
  });

  test.each([
    ['its node is not a known one', { nodeName: 'edge-9' }],
    ['SETGID is missing', { capabilities: ['net_admin', 'net_raw'] }],
    ['keepalived would drop a script', { change: withoutScript }],
  ])('takes the addresses away that a killed keepalived left, although it does not start: %s', async (_, options) => {
    const { node } = lab.node('edge-1');
    ['192.0.2.100/32 dev eth0', '192.0.2.100/32 dev lo scope host'].forEach(address => node.run(['ip', 'address', 'add', ...address.split(' ')]));
    const pod = await lab.start('edge-1', binary, options);
    expect(await pod.exited).toBe(1);
    expect(lab.node('edge-1').addresses('eth0')).not.toContain('192.0.2.100');
    // where the hand-over has it
    expect(lab.node('edge-1').addresses('lo')).toContain('192.0.2.100');
    node.run(['ip', 'address', 'del', '192.0.2.100/32', 'dev', 'lo']);
  });

  test('ends when a checker cannot start', async () => {
    const without = ({ 'keepalived-checker.sh': _, ...files }: ContainerProcess['files']) => files;
    const pod = await lab.start('edge-1', binary, { change: process => ({ ...process, files: without(process.files) as ContainerProcess['files'] }) });
    // 0: keepalived was there already, and took the SIGTERM
    expect([0, 1]).toContain(await pod.exited);
    expect(pod.stderr).toContain('the checker of front-envoy has ended');
    expect(lab.holders()).toEqual({ '192.0.2.100': [] });
  });

  test('ends when the interface does not exist', async () => {
    const pod = await lab.start('edge-1', binary, { change: config('interface eth0', 'interface eth9') });
    expect(await pod.exited).not.toBe(0);
  });

  const brokenTools = ['#!/nonexistent/interpreter', '#!/bin/sh\nkill -SEGV $$', '#!/bin/sh\nexit 127'];

  test.each(brokenTools)('a check whose tool is broken (%j) never passes', async tool => {
    writeFileSync(join(tools, 'curl'), `${tool}\n`, { mode: 0o755 });
    await lab.start('edge-1', binary, { change: onlyTools });
    await pause(1_500);
    expect(await lab.probe('edge-1')).toMatchObject({ status: 1, stdout: 'vip-100: FAULT\n' });
    expect(lab.holders()).toEqual({ '192.0.2.100': [] });
  });

  // keepalived counts a script that it cannot start as passed; a missing verdict counts as a failed check
  test('without SETGID and without the start script, which starts the checkers, it never holds an address', async () => {
    const bare = ['keepalived', '--dont-fork', '--log-console', '--vrrp', '-i', 'edge-1', '-f', '/etc/keepalived.conf',
      '-p', '/run/keepalived/keepalived.pid', '-r', '/run/keepalived/vrrp.pid', '-b', '/run/keepalived/bfd.pid'];
    const pod = await lab.start('edge-1', binary, { capabilities: ['net_admin', 'net_raw'], change: process => ({ ...process, command: bare }) });
    await untilPasses(() => expect(pod.stdout + pod.stderr).toContain('VRRP_Script(checkers-alive) succeeded'));
    await pause(1_500);
    expect(lab.holders()).toEqual({ '192.0.2.100': [] });
    expect(await lab.probe('edge-1')).toMatchObject({ status: 1, stdout: 'vip-100: unknown\n' });
  });
});
