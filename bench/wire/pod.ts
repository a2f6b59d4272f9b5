// starts a synthesized workload as kubelet would: command, files, capabilities and writable paths
import { readdirSync, readFileSync } from 'node:fs';
import { EdgeNode } from '../../sandbox/edge-node';
import { engine, EngineName, nginxModules } from '../../sandbox/engines';
import { PodOptions, PodSandbox } from '../../sandbox/pod-sandbox';
import { container, Manifest, only, podSpec } from '../../sandbox/synth';

/** The file names of nginx's configurations. */
const NGINX_CONF = /nginx\.conf$/;

export type Front = 'envoy' | 'haproxy' | 'nginx';

export function binaryOf(name: EngineName): string {
  const found = engine(name);
  if (!found) throw new Error(`${name} is not installed: bash scripts/install-engines.sh`);
  return found;
}

/** Process and capabilities of a workload's first container, or of the named one, from the unchanged manifests. */
export function podOf(
  manifests: Manifest[], workload: Manifest, env: { [name: string]: string }, name?: string,
): Pick<PodOptions, 'process' | 'capabilities'> {
  const expand = (text: string) => text.replace(/\$\((\w+)\)/g, (whole, variable) => env[variable] ?? whole);
  const main = container(workload, name);
  const scratch = new Set(podSpec(workload).volumes.filter((volume: Manifest) => volume.emptyDir).map((volume: Manifest) => volume.name));
  return {
    capabilities: (main.securityContext.capabilities.add ?? []).map((capability: string) => capability.toLowerCase()),
    process: {
      command: main.command.map(expand),
      readiness: main.readinessProbe?.exec.command ?? [],
      liveness: main.livenessProbe?.exec.command ?? [],
      preStop: main.lifecycle?.preStop.exec.command ?? [],
      files: only(manifests, 'ConfigMap', workload.metadata.name).data,
      writableDirectories: main.volumeMounts.filter((mount: Manifest) => scratch.has(mount.name)).map((mount: Manifest) => mount.mountPath),
    },
  };
}

/** Starts a pod on a processor, and waits until it is ready. */
export async function startPod(node: EdgeNode, name: Front, pod: Pick<PodOptions, 'process' | 'capabilities'>, cpus: string, more: { [file: string]: string } = {}): Promise<PodSandbox> {
  const files = Object.fromEntries(Object.entries({ ...pod.process.files, ...more }).map(([file, text]) => [file, withModule(file, text)]));
  const process = { ...pod.process, files, command: ['taskset', '-c', cpus, ...pod.process.command] };
  const started = await PodSandbox.start(node, { binary: binaryOf(name), capabilities: pod.capabilities, process, forgetsOutput: true });
  await started.ready(20_000);
  return started;
}

function withModule(file: string, text: string): string {
  return NGINX_CONF.test(file) ? nginxModules() + text : text;
}

/** CPU seconds of a pod's running processes, or of those with one name, to the nanosecond. */
export function cpuSeconds(pod: PodSandbox, name?: string): number {
  return sum(tree(pod.pid).filter(pid => name === undefined || readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name).map(processSeconds));
}

/** CPU seconds of one running process. */
export function processSeconds(pid: number): number {
  return sum(tasks(pid).map(task => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))) / 1e9;
}

/** CPU seconds of a pod's processes, those that have ended included, to ten milliseconds. */
export function usedSeconds(pod: PodSandbox): number {
  return sum(tree(pod.pid).map(pid => {
    const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    return sum(rest.split(' ').slice(11, 15).map(Number)) / 100;
  }));
}

/** Memory of a pod's processes (PSS): private memory, and each process's share of shared memory. */
export function memoryBytes(pod: PodSandbox): number {
  return sum(tree(pod.pid).map(pid => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024));
}

/** Limit of open files of a process. */
export function fileLimit(pid: number | 'self'): number {
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);
}

function tree(pid: number): number[] {
  const children = tasks(pid).flatMap(task => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(child => child).map(Number));
  return [pid, ...children.flatMap(child => tree(child))];
}

function tasks(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

function sum(figures: number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
