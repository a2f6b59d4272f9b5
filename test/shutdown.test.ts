// the files of docs/shutdown, which a user copies to a node: they have one unit, and the values of docs/edge-nodes.md
import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';
import { parse } from 'yaml';
import { skipped } from './support/describe-engine';
import { readByKubernetes } from './support/kubernetes-reader';

const DOCS = join(__dirname, '..', 'docs');
const UNIT = join(DOCS, 'shutdown', 'remove-virtual-addresses.service');
const KUBELET = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const textOf = (file: string) => readFileSync(join(DOCS, file), 'utf8');
const unit = textOf('shutdown/remove-virtual-addresses.service').replace(/^(#.*\n)+/, '');
const [, kubelet, logind] = /```yaml\n(shutdownGracePeriod:.*?)```.*```ini\n(.*?)```/s.exec(textOf('edge-nodes.md'))!;

interface Butane {
  readonly storage: { readonly files: { readonly path: string; readonly contents: { readonly inline: string } }[] };
  readonly systemd: { readonly units: { readonly name: string; readonly contents: string }[] };
}
interface CloudConfig {
  readonly write_files: { readonly path: string; readonly content: string }[];
}
interface Talos {
  readonly machine: { readonly kubelet: { readonly extraConfig: object } };
}

test('Butane writes the unit, and the file for logind', () => {
  const { storage, systemd } = parse(textOf('shutdown/butane.yaml')) as Butane;
  expect(systemd.units).toEqual([{ name: 'remove-virtual-addresses.service', enabled: true, contents: unit }]);
  expect(storage.files).toEqual([{ path: '/etc/systemd/logind.conf.d/zz-kubelet.conf', contents: { inline: logind } }]);
});

test('cloud-init writes the same files', () => {
  expect(textOf('shutdown/cloud-init.yaml')).toMatch(/^#cloud-config\n/);
  expect((parse(textOf('shutdown/cloud-init.yaml')) as CloudConfig).write_files).toEqual([
    { path: '/etc/systemd/logind.conf.d/zz-kubelet.conf', content: logind },
    { path: '/etc/systemd/system/remove-virtual-addresses.service', content: unit },
  ]);
});

test('Talos gives kubelet the periods of the page', () =>
  expect((parse(textOf('shutdown/talos.yaml')) as Talos).machine.kubelet.extraConfig).toEqual(parse(kubelet)));

// kubelet and Talos decode them into this type too
test('kubelet knows the periods of the page', () =>
  expect(readByKubernetes([`${KUBELET}${kubelet}`, `${KUBELET}${kubelet.replace('Period:', 'Time:')}`]).map(({ error }) => error))
    .toEqual(['', 'unknown field "shutdownGraceTime"']), 600_000);

test('the unit stops after kubelet and before the network: systemd stops units in the reverse order of their start', () => {
  expect(unit).toMatch(/^After=network.target$/m);
  expect(unit).toMatch(/^Before=kubelet.service containerd.service crio.service /m);
});

// Talos' own Go module, in the version of test/talos/go.mod. Its first build takes a minute or two
const talos = textOf('shutdown/talos.yaml');
test.each<[string, string, string]>([
  ['accepts the snippet', talos, ''],
  ['refuses an unknown key', talos.replace('kubelet:', 'kubelets:'), 'unknown keys found during decoding'],
  ['refuses a field that is its own', talos.replace('shutdownGracePeriod: 100s', 'rotateCertificates: true'), 'kubelet configuration field "rotateCertificates" can\'t be overridden'],
])('Talos %s', (_, patch, expected) => {
  const { status, stdout, stderr } = spawnSync('go', ['run', '-mod=readonly', '.'], { cwd: join(__dirname, 'talos'), input: patch, encoding: 'utf8', timeout: 600_000 });
  expect({ status, said: status === 0 ? stdout : `${stdout}${stderr}` }).toEqual({ status: expected ? 1 : 0, said: expected ? expect.stringContaining(expected) : '' });
}, 600_000);

if (spawnSync('systemd-analyze', ['--version']).status === 0) {
  test('systemd accepts the unit without a warning', () => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
} else {
  skipped('systemd-analyze is not installed: its verdict on the unit is skipped');
}
