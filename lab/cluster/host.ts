// what the lab needs from this machine and restores afterwards: root, Debian packages, kernel modules, settings

import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, succeeds } from './commands';
import { HOST_CHANGES, makeFolder, PREFIX, readOrEmpty, RUN } from './machine';
import { Progress } from './progress';

/** File → the Debian package that has it. */
export interface Packages {
  readonly [file: string]: string;
}

const PACKAGES: Packages = {
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/bin/mmdebstrap': 'mmdebstrap',
  '/usr/sbin/nft': 'nftables',
  '/usr/sbin/conntrack': 'conntrack',
  '/usr/bin/ip': 'iproute2',
  '/usr/sbin/sysctl': 'procps',
  '/usr/bin/nsenter': 'util-linux',
};

/** Without br_netfilter, an answer between pods of one node bypasses the Service's translation. */
const MODULES = ['overlay', 'br_netfilter', 'nf_conntrack', 'veth', 'bridge'];

/** A kubelet changes these. They exist once for the whole machine, not for each namespace. */
const KUBELET_SETTINGS = [
  'vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes',
];

export const CGROUPS = '/sys/fs/cgroup';
/** Controllers of cgroup v1 that a kubelet needs. cgroup v2 has one tree for all. */
const CONTROLLERS = [
  'cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'hugetlb', 'perf_event', 'net_cls', 'net_prio',
];

export function needRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('the lab makes network namespaces, mounts and cgroups: run it as root (sudo -E npx …)');
  }
}

/** Installs missing packages. Starts none of their daemons. */
export async function needPackages(progress: Progress, packages: Packages = PACKAGES): Promise<void> {
  const missing = Object.entries(packages).filter(([file]) => !existsSync(file)).map(([, name]) => name);
  if (missing.length > 0) {
    await progress.stage(`install ${missing.join(' ')}`, () => install(missing));
  }
  await Promise.all(MODULES.map(module => succeeds(['modprobe', '-q', module]))); // may fail: the module can be built in; a missing one shows later
}

async function install(packages: string[]): Promise<void> {
  if (!existsSync('/usr/bin/apt-get')) throw new Error(`no apt-get here; install by hand: ${packages.join(' ')}`);
  const policy = '/usr/sbin/policy-rc.d'; // packages run this file to ask whether they may start their daemons
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = ['apt-get', '-q', '-y', '-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run([...apt, 'update'], { env, seconds: 300 });
    await run([...apt, 'install', '--no-install-recommends', ...packages], { env, seconds: 600 });
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/** Saves the settings that `restoreHost` restores. */
export function rememberHost(): void {
  mkdirSync(HOST_CHANGES, { recursive: true });
  const file = join(HOST_CHANGES, 'settings.json');
  const values = Object.fromEntries(KUBELET_SETTINGS.map(key => [key, readOrEmpty(`/proc/sys/${key}`).trim()]));
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(values));
}

export async function restoreHost(): Promise<void> {
  if (!existsSync(HOST_CHANGES) || readdirSync(dirname(RUN)).some(lab => lab !== PREFIX)) return; // another lab still needs them
  Object.entries(JSON.parse(readOrEmpty(join(HOST_CHANGES, 'settings.json')) || '{}') as { [key: string]: string })
    .filter(([key, value]) => value && readOrEmpty(`/proc/sys/${key}`).trim() !== value)
    .forEach(([key, value]) => writeFileSync(`/proc/sys/${key}`, value));
  for (const folder of readOrEmpty(join(HOST_CHANGES, 'folders')).split('\n').reverse()) {
    if (folder && existsSync(folder) && readdirSync(folder).length === 0) {
      // `ip netns` bind-mounts its folder onto itself
      while (readOrEmpty('/proc/self/mounts').includes(` ${folder} `) && await succeeds(['umount', folder]));
      rmdirSync(folder);
    }
  }
  rmSync(HOST_CHANGES, { recursive: true, force: true });
}

/** The kernel's default. */
const CPU_PERIOD_US = 100_000;

/** Makes a cgroup. A kubelet requires that its cgroup root exists. */
export function makeCgroups(path: string): void {
  const isV2 = existsSync(join(CGROUPS, 'cgroup.controllers'));
  const roots = isV2 ? [CGROUPS] : CONTROLLERS.map(controller => join(CGROUPS, controller)).filter(root => existsSync(root));
  roots.forEach(root => path.split('/').reduce((above, part) => {
    const folder = join(above, part);
    if (isV2) delegate(above);
    makeFolder(folder);
    if (!isV2) inheritCpus(above, folder);
    return folder;
  }, root));
}

/** cgroup v1: copies the parent's cpuset, because a group with an empty cpuset accepts no process. */
function inheritCpus(above: string, folder: string): void {
  ['cpuset.cpus', 'cpuset.mems']
    .filter(file => existsSync(join(folder, file)) && !readOrEmpty(join(folder, file)).trim())
    .forEach(file => writeFileSync(join(folder, file), readOrEmpty(join(above, file))));
}

/** cgroup v2: a group has only the controllers that its parent enables for it. */
function delegate(folder: string): void {
  readOrEmpty(join(folder, 'cgroup.controllers')).trim().split(' ').filter(controller => controller).forEach(controller => {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // some controllers cannot be enabled everywhere; the kubelet reports one that it lacks
    }
  });
}

/** Gives a cgroup a share of one processor, such as 0.1; without it, no limit. */
export function limitCpu(path: string, share?: number): void {
  const { folder, isV2 } = cpuFolder(path);
  const quotaUs = share === undefined ? undefined : Math.round(share * CPU_PERIOD_US);
  if (isV2) {
    writeFileSync(join(folder, 'cpu.max'), `${quotaUs ?? 'max'} ${CPU_PERIOD_US}`);
  } else {
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), `${quotaUs ?? -1}`);
  }
}

/** Periods of 100 ms that a cgroup with a limit has had, and those in which it had to wait. */
export function cpuPeriods(path: string): { all: number; waited: number } {
  const text = readOrEmpty(join(cpuFolder(path).folder, 'cpu.stat'));
  const count = (key: string) => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { all: count('nr_periods'), waited: count('nr_throttled') };
}

function cpuFolder(path: string): { folder: string; isV2: boolean } {
  const isV2 = existsSync(join(CGROUPS, 'cgroup.controllers'));
  return { folder: join(CGROUPS, isV2 ? '' : 'cpu', path), isV2 };
}

/** Folders of the lab's cgroups, deepest first. */
export function cgroups(name: string): string[] {
  const roots = [CGROUPS, ...readdirSync(CGROUPS).map(controller => join(CGROUPS, controller))];
  const tops = roots.map(root => join(root, name)).filter(top => existsSync(top));
  return tops.flatMap(top => [top, ...readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory()).map(entry => join(entry.parentPath, entry.name))])
    .sort((a, b) => b.length - a.length);
}

/** Removes the empty cgroups. Returns false while some are left. */
export function removeCgroups(name: string): boolean {
  cgroups(name).forEach(folder => {
    try {
      rmdirSync(folder);
    } catch {
      // it still has a process
    }
  });
  return cgroups(name).length === 0;
}
