// the whole cluster: up, down, and what scenarios need from it

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms, Programs } from './build';
import { CACHE } from './cache';
import { run, RunOptions, succeeds, undo, until } from './commands';
import { ControlPlane } from './control-plane';
import { ENGINES, Engines } from './engines';
import { cgroups, needPackages, needRoot, rememberHost, removeCgroups, restoreHost } from './host';
import { makeImages } from './images';
import { makeKeys } from './keys';
import { kill, Machine, pids, PREFIX, readOrEmpty, RUN } from './machine';
import { layNetwork, namespaces, pidsInNamespaces, removeNetwork } from './network';
import { Node } from './node';
import { Progress } from './progress';
import { CLIENT, CONTROL_PLANE, DNS_ADDRESSES, inFamily, IpFamily, nodes } from './topology';

/** Where `down` copies the logs of daemons and pods. */
const LAST_RUN = join(CACHE, 'last-run', PREFIX);

/** What later commands need to know about a cluster that is up. */
interface State {
  readonly programs: Programs;
  readonly edges: number;
  readonly engines: Engines;
  readonly ipFamily: IpFamily;
}
const STATE = join(RUN, 'state.json');

export interface ClusterOptions {
  /** Edge nodes: 2 or 3. @default 2 */
  readonly edges?: number;
  /** Address families of machines, pods and Services. @default dual */
  readonly ipFamily?: IpFamily;
}

export class Cluster {
  /** Builds what is missing, starts the cluster, waits for all nodes and cluster DNS. */
  public static async up(progress: Progress, options: ClusterOptions = {}): Promise<Cluster> {
    needRoot();
    await needPackages(progress);
    const programs = await buildPrograms(progress);
    const images = await makeImages(programs, progress);
    await removeTraces();
    const state: State = { programs, edges: options.edges ?? 2, engines: ENGINES, ipFamily: options.ipFamily ?? 'dual' };
    mkdirSync(RUN, { recursive: true });
    writeFileSync(STATE, JSON.stringify(state));
    const cluster = new Cluster(state);
    await cluster.start(images, progress);
    return cluster;
  }

  /** The cluster that is up. */
  public static running(): Cluster {
    needRoot();
    if (!Cluster.isUp()) throw new Error('the lab is not up; `up` starts it');
    return new Cluster(JSON.parse(readOrEmpty(STATE)) as State);
  }

  public static isUp(): boolean {
    return new Machine(CONTROL_PLANE).isUp;
  }

  public readonly controlPlane: ControlPlane;
  public readonly nodes: Node[];
  public readonly client = new Machine(CLIENT);

  /** Path of `labtool` on this machine. */
  public readonly labtool: string;

  /** Folder with Istio's programs, charts and CRDs. */
  public readonly istio: string;

  /** The engines in its images. */
  public readonly engines: Engines;

  public readonly ipFamily: IpFamily;

  private constructor({ programs, edges, engines, ipFamily }: State) {
    this.engines = engines;
    this.ipFamily = ipFamily;
    this.labtool = programs.labtool;
    this.istio = programs.istio;
    this.controlPlane = new ControlPlane(programs.kubernetes, ipFamily);
    this.nodes = nodes(edges).map(spec => new Node(spec, programs.kubernetes, ipFamily));
  }

  /** Address of cluster DNS. */
  public get dnsAddress(): string {
    return inFamily(this.ipFamily, DNS_ADDRESSES)[0];
  }

  public get edges(): Node[] {
    return this.nodes.filter(node => node.spec.labels['lab/role'] === 'edge');
  }

  public machine(name: string): Machine {
    const found = [this.controlPlane, this.client, ...this.nodes].find(machine => machine.name === name);
    if (!found) throw new Error(`no machine ${name}; there are ${[CONTROL_PLANE, CLIENT, ...this.nodes.map(node => node.name)].join(', ')}`);
    return found;
  }

  /** A machine with a kubelet. */
  public node(name: string): Node {
    return this.nodes.find(node => node.name === name)!;
  }

  public async kubectl(argv: string[], options?: RunOptions): Promise<string> {
    return run(this.controlPlane.kubectl(argv), options);
  }

  /** Applies manifests given as text. */
  public async apply(manifests: string, ...flags: string[]): Promise<string> {
    return this.kubectl(['apply', ...flags, '-f', '-'], { input: manifests });
  }

  /** Runs a `labtool` command on the client and reads what it reports. */
  public async fromClient<T>(argv: string[], seconds: number): Promise<T> {
    return JSON.parse(await run(this.client.inNetwork([this.labtool, ...argv]), { seconds })) as T;
  }

  /** Adds this reference to the lab's image for it on every node, so that manifests stay unchanged. */
  public async nameImage(reference: string): Promise<void> {
    await Promise.all(this.nodes.map(node => node.nameImage(reference)));
  }

  /** Names of the edge nodes that hold an address now. A seamless hand-over has it on `lo` of each node, with scope host. */
  public async holders(address: string): Promise<string[]> {
    const held = await Promise.all(this.edges.map(node => run(node.inNetwork(['ip', '-o', 'addr', 'show', 'scope', 'global']))));
    return this.edges.filter((_, i) => held[i].includes(` ${address}/`)).map(node => node.name);
  }

  private async start(images: string, progress: Progress): Promise<void> {
    rememberHost();
    const specs = this.nodes.map(node => node.spec);
    await progress.stage('network and keys', () => Promise.all([layNetwork(specs, this.ipFamily), makeKeys(this.labtool, specs, this.ipFamily)]));
    const prepare = () => Promise.all([this.controlPlane.start(), ...this.nodes.map(node => node.prepare(images))]);
    await progress.stage('control plane, containerd', prepare);
    this.nodes.forEach(node => node.join());
    const coredns = readFileSync(join(__dirname, 'manifests/coredns.yaml'), 'utf8').replace('$DNS_ADDRESS', this.dnsAddress);
    await progress.stage('nodes ready', () => Promise.all([this.apply(coredns), this.nodesReady()]));
    const dns = ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s'];
    await progress.stage('cluster DNS', () => this.kubectl(dns, { seconds: 70 }));
    await until('pods can be made', 30, () => succeeds(this.controlPlane.kubectl(['get', 'serviceaccount', 'default'])));
  }

  private async nodesReady(): Promise<void> {
    const ready = ['get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'];
    await until(`every node is ready, see ${RUN}/*/kubelet.log`, 90, async () =>
      (await this.kubectl(ready).catch(() => '')).split(' ').filter(status => status === 'True').length === this.nodes.length);
  }
}

/** What the lab has on this machine. After `down`, every count is zero. */
export interface Traces {
  readonly namespaces: number;
  readonly processes: number;
  readonly cgroups: number;
  readonly mounts: number;
  readonly folder: boolean;
}

export async function traces(): Promise<Traces> {
  const named = pids().filter(pid => readOrEmpty(`/proc/${pid}/cmdline`).includes(`${RUN}/`));
  const mounts = readOrEmpty('/proc/self/mounts').split('\n');
  return {
    namespaces: namespaces().length,
    processes: new Set([...await pidsInNamespaces(), ...named]).size,
    cgroups: cgroups(PREFIX).length,
    mounts: mounts.filter(line => line.includes(RUN) || line.includes(`/run/netns/${PREFIX}-`)).length,
    folder: existsSync(RUN),
  };
}

/** Ends the lab, and removes what an earlier, interrupted run has left. */
export async function down(progress: Progress): Promise<void> {
  needRoot();
  await progress.stage('down', () => undo(removeTraces));
}

async function removeTraces(): Promise<void> {
  const folders = existsSync(RUN) ? readdirSync(RUN, { withFileTypes: true }).filter(entry => entry.isDirectory()) : [];
  folders.forEach(folder => new Machine(folder.name).halt());
  // a machine's processes end with its pid 1; this ends the others in our namespaces, such as a load on the client
  await until('the lab\'s processes have ended', 20, async () => {
    const left = await pidsInNamespaces();
    left.forEach(pid => kill(pid));
    return left.length === 0;
  });
  await removeNetwork();
  await until('the lab\'s cgroups are gone', 20, () => removeCgroups(PREFIX));
  await restoreHost();
  if (folders.length > 0) await keepLogs();
  // folders are busy while the kernel still removes a machine's mounts
  await until(`${RUN} is removed`, 30, () => succeeds(['rm', '-rf', RUN]));
}

/** Keeps the logs of the last run, so that a failure can be examined after `down`. */
async function keepLogs(): Promise<void> {
  rmSync(LAST_RUN, { recursive: true, force: true });
  mkdirSync(LAST_RUN, { recursive: true });
  const find = 'find . -name containerd -prune -o \\( -name "*.log" -o -path "*/pods/*" \\) -type f -print0';
  await run(['bash', '-c', `cd "$1" && ${find} | xargs -0r cp --parents -t "$2"`, 'keep', RUN, LAST_RUN]);
}
