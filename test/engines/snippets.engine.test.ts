// real engines obey the lines of a user, and refuse what they do not know
import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { proxy as passthrough } from './golden/passthrough/model';
import { eventually, HaproxyNode, next, SERVICE } from './haproxy-pod';
import { renderEnvoy } from '../../src/engines/envoy/render';
import { renderHaproxy } from '../../src/engines/haproxy/render';
import { describeEngine, describeEngineInPod } from '../support/describe-engine';

describeEngineInPod('haproxy', binary => {
  let host: HaproxyNode;
  beforeEach(async () => {
    host = await HaproxyNode.create(binary);
    host.dns.addresses.set(SERVICE, ['127.0.0.20']);
  });
  afterEach(() => host.destroy());

  test('refuses whom the snippet of the frontend refuses', async () => {
    await host.gateway('127.0.0.20', 9080, 1);
    await host.gateway('127.0.0.20', 9443, 2);
    await host.start({ ...passthrough, snippets: { frontend: 'tcp-request connection reject if { dst_port 443 }' } });
    const from = async (port: number) => {
      const socket = await host.node.connect(port);
      return next(socket).finally(() => socket.destroy());
    };
    await eventually(async () => expect(await from(80)).toBe('127.0.0.20'));
    // the reset can come while the client still connects
    expect(await from(443).catch(({ code }) => code)).toMatch(/^(closed|ECONNRESET)$/);
  });
});

function verdict(binary: string, args: string[], text: string): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
  try {
    const file = join(folder, 'engine.yaml');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(binary, [...args, file], { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeEngine('haproxy', binary => test('does not start with a line that it does not know', () => {
  const { status, output } = verdict(binary, ['-c', '-f'], renderHaproxy({ ...passthrough, snippets: { global: 'tune.nonsense 1' } }));
  expect(status).toBe(1);
  expect(output).toContain("unknown keyword 'tune.nonsense' in 'global' section");
}));

describeEngine('envoy', binary => test('does not start with a field that it does not know', () => {
  const { status, output } = verdict(binary, ['--mode', 'validate', '-c'], renderEnvoy({ ...passthrough, snippets: { listener: 'nonsense: 1' } }));
  expect(status).toBe(1);
  expect(output).toMatch(/no\s+such\s+field:\s+'nonsense'/);
}));
