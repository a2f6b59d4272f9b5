// the rights of processes, as the kernel knows them: user, capabilities, seccomp, no new privileges, read-only root

import { Cluster } from '../cluster/cluster';
import { processesOfPod, readOrEmpty } from '../cluster/machine';
import { KubeObject } from '../cluster/objects';

/** User and capabilities that every process of a container should have. */
export interface Rights {
  readonly uid: number;
  /** Effective, permitted and bounding set, in the form of /proc. */
  readonly capabilities: string;
}

/** https://github.com/torvalds/linux/blob/master/include/uapi/linux/capability.h */
const CAPABILITY_BITS: { readonly [name: string]: number } = { SETGID: 6, NET_BIND_SERVICE: 10, NET_ADMIN: 12, NET_RAW: 13 };

/** The set in the form of /proc: 16 hexadecimal digits. */
export function capabilitySet(names: string[]): string {
  const unknown = names.find(name => !(name in CAPABILITY_BITS));
  if (unknown) throw new Error(`unknown capability ${unknown}`);
  return names.reduce((set, name) => set + 2 ** CAPABILITY_BITS[name], 0).toString(16).padStart(16, '0');
}

/** runc before it gives up its own rights, for a probe: not yet a process of the container. */
const STARTS = /^runc:/;

/**
 * What a process has otherwise than it should; empty if all is well, or if the process has ended.
 * `mayHaveLess`: a program may give up capabilities that it does not need, as ping does.
 */
export function wrongRights(pid: number, { uid, capabilities }: Rights, mayHaveLess = false): string[] {
  const status = Object.fromEntries(readOrEmpty(`/proc/${pid}/status`).split('\n').map(line => line.split(/:\s+/)));
  const root = readOrEmpty(`/proc/${pid}/mountinfo`).split('\n').map(line => line.split(' ')).find(fields => fields[4] === '/');
  if (!status.Uid || !root || STARTS.test(status.Name)) return [];
  const wanted: [string, unknown, unknown][] = [
    ['uid', status.Uid.split('\t')[1], String(uid)],
    ...['CapEff', 'CapPrm', 'CapBnd'].map((set): [string, unknown, unknown] =>
      [set, mayHaveLess && hasOnly(status[set], capabilities) ? capabilities : status[set], capabilities]),
    ['NoNewPrivs', status.NoNewPrivs, '1'],
    ['Seccomp', status.Seccomp, '2'],
    ['root file system', root[5].split(',')[0], 'ro'],
  ];
  return wanted.filter(([, is, should]) => is !== should).map(([what, is, should]) => `${status.Name} has ${what} ${is} instead of ${should}`);
}

function hasOnly(set: string, allowed: string): boolean {
  /* eslint-disable-next-line no-bitwise -- that is what a set is */
  return (BigInt(`0x${set}`) & ~BigInt(`0x${allowed}`)) === 0n;
}

/** A container that runs, and its processes. */
export interface Container {
  readonly name: string;
  readonly pod: string;
  readonly node: string;
  /** The first process comes first. */
  readonly pids: number[];
}

/** The running containers of pods. The cgroup of a process has the container's id in its name. */
export async function runningContainers(cluster: Cluster, namespace: string, ...flags: string[]): Promise<Container[]> {
  const pods = JSON.parse(await cluster.kubectl(['-n', namespace, 'get', 'pods', ...flags, '-o', 'json'])).items as KubeObject[];
  return pods.flatMap(({ metadata, spec, status }) => {
    const pids = processesOfPod((metadata as unknown as { uid: string }).uid);
    const running = (status.containerStatuses ?? []) as { name: string; containerID?: string }[];
    return running.map(({ name, containerID = '' }) => ({
      name, pod: metadata.name, node: spec.nodeName, pids: pids.filter(pid => containerID && readOrEmpty(`/proc/${pid}/cgroup`).includes(containerID.split('//')[1])).sort((a, b) => a - b),
    }));
  });
}
