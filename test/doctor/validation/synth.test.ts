// the real `cdk8s synth` loads the packed plugin, and its report names the construct
import { spawnSync } from 'child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '../../..');

/** A user's project beside the packed plugin. */
const APP = `
const { App, Chart, ApiObject } = require('cdk8s');
const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'ingress' });
new ApiObject(chart, 'Agent', {
  apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' },
  spec: { template: { spec: { hostNetwork: true, dnsPolicy: process.env.DNS_POLICY, containers: [{ name: 'main', image: 'example.com/agent:1' }] } } },
});
app.synth();
`;

describe('cdk8s synth with the packed plugin', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'synth-'));
    const packed = join(folder, 'packed');
    mkdirSync(packed);
    // npm reads the version of the tarball, and unpacks it, as `npm install` would
    const pack = spawnSync('npm', ['pack', '--pack-destination', packed, join(ROOT, 'packages/doctor')], { cwd: ROOT, encoding: 'utf8' });
    expect(`${pack.status} ${pack.status === 0 ? '' : pack.stderr}`).toBe('0 ');
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    for (const name of ['cdk8s', 'constructs', 'yaml']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    expect(spawnSync('tar', ['-xzf', join(packed, readdirSync(packed)[0]), '-C', modules]).status).toBe(0);
    spawnSync('mv', [join(modules, 'package'), join(modules, 'cdk8s-istio-edge-doctor')]);
    writeFileSync(join(folder, 'main.js'), APP);
    const page = readFileSync(join(ROOT, 'docs/validation.md'), 'utf8');
    const yaml = /^```yaml\n(language.*?)^```/ms.exec(page)![1];
    writeFileSync(join(folder, 'cdk8s.yaml'), yaml.replace('npx ts-node main.ts', `${process.execPath} main.js`));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const synth = (policy: string) => spawnSync(process.execPath, [join(ROOT, 'node_modules/cdk8s-cli/bin/cdk8s'), 'synth', '--check-upgrade=false'], {
    cwd: folder, encoding: 'utf8', env: { ...process.env, DNS_POLICY: policy },
  });

  test('reports the construct, the field and the page, and ends with 2', () => {
    const { status, stdout } = synth('ClusterFirst');
    expect(stdout).toContain('Construct Path: edge/Agent');
    expect(stdout).toContain('> DaemonSet ingress/agent: spec.template.spec.dnsPolicy: ClusterFirst');
    expect(stdout).toContain('docs/validation.md#host-network-dns');
    expect(status).toBe(2);
  });

  test('accepts what is right', () => {
    const { status, stdout } = synth('ClusterFirstWithHostNet');
    expect(stdout).toContain('success');
    expect(status).toBe(0);
  });
});
