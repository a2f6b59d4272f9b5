// builds Kubernetes, etcd, CoreDNS, Istio and the lab's own tool from Go modules, once

import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, hashOf, produce } from './cache';
import { CommandFailed, run, succeeds } from './commands';
import { Progress } from './progress';

/** Folders with the programs that the lab runs. */
export interface Programs {
  /** kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet, kubectl, etcd */
  readonly kubernetes: string;
  readonly coredns: string;
  readonly labtool: string;
  /** pilot-discovery, pilot-agent, helm, and the files that `istioFile` lists */
  readonly istio: string;
}

/** One Go module of the lab. */
interface Unit {
  readonly name: 'kubernetes' | 'coredns' | 'istio' | 'tools' | 'cert-manager' | 'external-dns';
  /** The packages to build. `tool` means the tool lines of go.mod. */
  readonly pattern: string;
  readonly ldflags: string[];
  /** Built file → name of the program, where they differ. */
  readonly rename?: { [made: string]: string };
  /** Files and folders to copy from modules. */
  readonly files?: { [name: string]: FromModule };
  /** Timeout of the build: on a slow machine, with empty Go caches. */
  readonly minutes: number;
}

/** A file or folder of a module in the unit's go.mod. */
interface FromModule {
  readonly module: string;
  readonly path: string;
}

/** What Istio needs beside its programs. Gateway API has the version that Istio itself is built with. */
const ISTIO_FILES = {
  bootstrap: { module: 'istio.io/istio', path: 'tools/packaging/common/envoy_bootstrap.json' },
  crds: { module: 'istio.io/istio', path: 'manifests/charts/base/files/crd-all.gen.yaml' },
  baseChart: { module: 'istio.io/istio', path: 'manifests/charts/base' },
  istiodChart: { module: 'istio.io/istio', path: 'manifests/charts/istio-control/istio-discovery' },
  gatewayApi: { module: 'sigs.k8s.io/gateway-api', path: 'config/crd/standard' },
};

/** Only one scenario needs it, so it is not built with the others. */
const CERT_MANAGER: Unit = {
  name: 'cert-manager',
  pattern: 'tool',
  ldflags: [],
  files: { crds: { module: 'github.com/cert-manager/cert-manager', path: 'deploy/crds' } },
  minutes: 60,
};

/** The folder with cert-manager's `controller`, `acmesolver` and `crds`, with `pebble` and `pebble-challtestsrv`. */
export async function buildCertManager(progress: Progress): Promise<string> {
  return buildUnit(CERT_MANAGER, progress);
}

/** Path of such a file in the folder with Istio's programs. */
export function istioFile(folder: string, name: keyof typeof ISTIO_FILES): string {
  return join(folder, name);
}

/** The Kubernetes version. go.mod is the only place that states it. */
export function kubernetesVersion(): string {
  return versionIn('kubernetes', 'k8s.io/kubernetes', /v[\d.]+/);
}

function sourceOf(unit: Unit['name']): string {
  return join(__dirname, unit === 'tools' ? '../traffic/tools' : unit);
}

/** The version of a module in go.mod. */
function versionIn(unit: Unit['name'], module: string, form: RegExp): string {
  const version = new RegExp(`\\b${module} (${form.source})`).exec(readFileSync(join(sourceOf(unit), 'go.mod'), 'utf8'))?.[1];
  if (!version) throw new Error(`${sourceOf(unit)}/go.mod does not name a version of ${module}`);
  return version;
}

/** First release of Istio's minor version, from the API module: Istio's own module has no tags. */
export const ISTIO_VERSION = `${versionIn('istio', 'istio.io/api', /v\d+\.\d+/).slice(1)}.0`;

/** Another tag for the same programs. An upgrade changes only the tag in the library's output. */
export const ISTIO_NEXT_VERSION = ISTIO_VERSION.replace(/0$/, '1');

/** Without these flags, the programs report v0.0.0 and reject each other. */
function versionFlags(): string[] {
  const version = kubernetesVersion();
  const [major, minor] = version.slice(1).split('.');
  const facts = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean', gitCommit: 'lab', buildDate: '1970-01-01T00:00:00Z' };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap(pkg => Object.entries(facts).map(([key, value]) => `-X ${pkg}.${key}=${value}`));
}

function units(): Unit[] {
  return [
    { name: 'tools', pattern: '.', ldflags: [], rename: { tools: 'labtool' }, minutes: 5 },
    { name: 'coredns', pattern: '.', ldflags: [], minutes: 20 },
    { name: 'istio', pattern: 'tool', ldflags: [`-X istio.io/istio/pkg/version.buildVersion=${ISTIO_VERSION}`], files: ISTIO_FILES, minutes: 30 },
    { name: 'kubernetes', pattern: 'tool', ldflags: versionFlags(), rename: { server: 'etcd' }, minutes: 60 },
  ];
}

/** Builds the programs that are not in the cache. */
export async function buildPrograms(progress: Progress): Promise<Programs> {
  const made = new Map<Unit['name'], string>();
  for (const unit of units()) {
    made.set(unit.name, await buildUnit(unit, progress)); // one after another: each build uses all cores
  }
  const place = (name: Unit['name']) => made.get(name) as string;
  return {
    labtool: join(place('tools'), 'labtool'),
    coredns: join(place('coredns'), 'coredns'),
    kubernetes: place('kubernetes'),
    istio: place('istio'),
  };
}

/** The folder with kube-apiserver, etcd and kubectl, for tests that need no cluster. */
export async function buildKubernetes(progress: Progress): Promise<string> {
  return buildUnit(units().find(({ name }) => name === 'kubernetes')!, progress);
}

/** Builds external-dns for the one scenario that needs it. */
export async function buildExternalDns(progress: Progress): Promise<string> {
  return join(await buildUnit({ name: 'external-dns', pattern: '.', ldflags: [], minutes: 20 }, progress), 'external-dns');
}

async function buildUnit(unit: Unit, progress: Progress): Promise<string> {
  const source = sourceOf(unit.name);
  const hash = hashOf(contentOf(source), unit.pattern, unit.ldflags.join(' '), process.arch, ...unit.files ? [JSON.stringify(unit.files)] : []);
  const make = (folder: string) => progress.stage(`build ${unit.name}`, () => compile(unit, source, folder, progress));
  return produce(unit.name, hash, make);
}

async function compile(unit: Unit, source: string, folder: string, progress: Progress): Promise<void> {
  if (!await succeeds(['go', 'version'])) {
    throw new Error('the lab builds Kubernetes from Go modules; install Go (any version since 1.21 fetches the one that go.mod names)');
  }
  const env = { ...process.env, CGO_ENABLED: '0' };
  let packages = 0;
  const onLine = (line: string) => progress.at(line.startsWith('go: downloading') ? 'fetching modules' : `${++packages} packages compiled`);
  const build = ['go', 'build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', ['-s -w', ...unit.ldflags].join(' ')];
  try {
    await run(['nice', '-n', '10', ...build, '-o', `${folder}/`, unit.pattern], { cwd: source, env, seconds: unit.minutes * 60, onLine });
  } catch (error) {
    throw error instanceof CommandFailed ? new Error(`building ${unit.name} failed:\n${complaints(error.stderr)}`) : error;
  }
  Object.entries(unit.rename ?? {}).forEach(([made, name]) => renameSync(join(folder, made), join(folder, name)));
  for (const [name, { module, path }] of Object.entries(unit.files ?? {})) {
    const at = (await run(['go', 'list', '-mod=readonly', '-m', '-f', '{{.Dir}}', module], { cwd: source, env })).trim();
    await run(['cp', '-r', '--no-preserve=mode', join(at, path), join(folder, name)]); // modules are read-only
  }
  copyFileSync(join(source, 'go.mod'), join(folder, 'go.mod')); // records the versions
}

/** Go's error output without the names of modules and packages. */
function complaints(stderr: string): string {
  return stderr.split('\n').filter(line => !/^(go: downloading.*|[\w./-]+)$/.test(line)).slice(-20).join('\n');
}
