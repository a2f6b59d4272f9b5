// a real API server without nodes: etcd and kube-apiserver of the lab, in a network namespace of their own, with the CRDs of all routes
import { execFileSync, spawn } from 'child_process';
import type { ChildProcess } from 'child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { buildKubernetes } from '../../lab/cluster/build';
import { run, succeeds, until } from '../../lab/cluster/commands';
import { Progress } from '../../lab/cluster/progress';
import { EdgeNode } from '../../sandbox/edge-node';
import { enginesFolder } from '../../sandbox/engines';
import type { Manifest } from '../../sandbox/synth';

/** Gateway API's experimental channel serves every version of TLSRoute and TCPRoute at once. */
const CRDS = ['istio', 'gateway-api-1.6-experimental', 'cert-manager', 'prometheus-operator'];

const KUBECTL = ['--server=https://127.0.0.1:6443', '--insecure-skip-tls-verify', '--token=admin'];

export class ApiServer {
  /** Returns when it answers and has all CRDs. Builds the programs of the lab if they are missing. */
  public static async start(): Promise<ApiServer> {
    const programs = await buildKubernetes(new Progress());
    const server = new ApiServer(await EdgeNode.create(), programs);
    try {
      await server.begin();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'api-server-'));
  private readonly processes: ChildProcess[] = [];
  private readonly namespaces = new Set<string>(['default']);

  private constructor(private readonly node: EdgeNode, private readonly programs: string) {}

  /** What it says of the manifests of some cases, with strict validation. Nothing is stored. Empty: it accepts all. */
  public async judge(cases: { readonly name: string; readonly text: string; readonly manifests: Manifest[] }[]): Promise<string[]> {
    await this.makeNamespaces(cases.flatMap(({ manifests }) => manifests.flatMap(({ metadata }) => metadata.namespace ?? [])));
    const folder = join(this.folder, 'cases');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    cases.forEach(({ name, text }) => writeFileSync(join(folder, `${name}.yaml`), text));
    try {
      // as all pages do: a client-side apply copies the object into an annotation, which a large ConfigMap does not fit into
      await this.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', folder], 900);
      return [];
    } catch (error) {
      const { stderr = String(error) } = error as { stderr?: string };
      return stderr.split('\n').filter(line => line && !line.startsWith('Warning: '));
    }
  }

  public async stop(): Promise<void> {
    this.processes.forEach(child => child.kill('SIGKILL'));
    await this.node.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    const file = (name: string) => join(this.folder, name);
    execFileSync('openssl', ['genrsa', '-out', file('sa.key'), '2048'], { stdio: 'ignore' });
    writeFileSync(file('tokens'), 'admin,admin,admin,system:masters\n');
    const etcd = 'http://127.0.0.1:2379';
    const peer = 'http://127.0.0.1:2380';
    this.spawn('etcd', [`--data-dir=${file('etcd')}`, '--unsafe-no-fsync', `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`]);
    this.spawn('kube-apiserver', [`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', '--advertise-address=192.0.2.10', '--endpoint-reconciler-type=none',
      '--secure-port=6443', `--cert-dir=${file('certificates')}`, `--token-auth-file=${file('tokens')}`, '--authorization-mode=RBAC', '--allow-privileged=true',
      '--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112', '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('sa.key')}`, `--service-account-signing-key-file=${file('sa.key')}`]);
    const ready = [...this.node.enter, 'curl', '-skf', '-H', 'Authorization: Bearer admin', 'https://127.0.0.1:6443/readyz'];
    await until('the API server is ready', 600, () => succeeds(ready), 1000);
    for (const set of CRDS) await this.kubectl(['apply', '--server-side', '-f', crdsOf(set)], 300);
    await this.kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all'], 130);
  }

  private async makeNamespaces(names: string[]): Promise<void> {
    const missing = [...new Set(names)].filter(name => !this.namespaces.has(name));
    missing.forEach(name => this.namespaces.add(name));
    const objects = missing.map(name => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    if (objects.length > 0) await this.kubectl(['apply', '-f', '-'], 300, objects.join('\n---\n'));
  }

  private spawn(program: string, flags: string[]): void {
    const [enter, ...rest] = [...this.node.enter, join(this.programs, program), ...flags];
    this.processes.push(spawn('setpriv', ['--pdeathsig', 'KILL', enter, ...rest], { stdio: 'ignore' }));
  }

  private async kubectl(argv: string[], seconds: number = 60, input?: string): Promise<string> {
    return run([...this.node.enter, join(this.programs, 'kubectl'), ...KUBECTL, ...argv], { seconds, input });
  }
}

function crdsOf(set: string): string {
  const folder = join(enginesFolder(), 'crds');
  const file = readdirSync(folder).find(name => name.startsWith(`${set}-v`));
  if (file === undefined) throw new Error(`the CRDs ${set} are missing: scripts/install-engines.sh installs them`);
  return join(folder, file);
}

/** The text of a case's files. */
export function textOf(files: { readonly [name: string]: string }): string {
  return Object.values(files).join('---\n');
}

