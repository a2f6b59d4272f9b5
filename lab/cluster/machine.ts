// one machine of the lab: a network namespace; a machine that runs daemons also has its own pid 1 and mounts

import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache';
import { run, RunOptions, startDetached, until } from './commands';
import { LAN } from './topology';

/** Prefix of all names. Two labs on one machine need different prefixes. */
export const PREFIX = process.env.LAB_PREFIX ?? 'edgelab';

/** Folder for everything that a run writes. `down` removes it. */
export const RUN = join(CACHE, 'run', PREFIX);

/** Records what labs changed on this machine. The last lab that ends restores it. */
export const HOST_CHANGES = join(CACHE, 'host-changes');

/** A lab that is left behind ends after this time. */
const LIFE_SECONDS = Number(process.env.LAB_MAX_SECONDS ?? 4 * 3600);

/** Folders that each machine has for itself. containerd and kubelet have fixed paths in some. */
const OWN_FOLDERS = ['/run', '/var/log', '/var/lib/kubelet', '/var/lib/cni'];

export class Machine {
  constructor(public readonly name: string) {}

  /** Name of its network namespace. */
  public get namespace(): string {
    return `${PREFIX}-${this.name}`;
  }

  /** Its folder in the lab's run folder: logs, configuration, container store. */
  public get folder(): string {
    return join(RUN, this.name);
  }

  /** A command in the machine's network. (`ip netns exec` would remount /sys without the cgroups.) */
  public inNetwork(argv: string[]): string[] {
    return ['nsenter', `--net=/run/netns/${this.namespace}`, '--', ...argv];
  }

  /** A command in all namespaces of the machine. */
  public inside(argv: string[]): string[] {
    const init = this.initPid;
    return init ? ['nsenter', `--target=${init}`, '--net', '--mount', '--pid', '--uts', '--ipc', '--', ...argv] : this.inNetwork(argv);
  }

  public async exec(argv: string[], options?: RunOptions): Promise<string> {
    return run(this.inside(argv), options);
  }

  /** Starts pid 1. When pid 1 ends, all processes and mounts of the machine end too. */
  public async boot(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    OWN_FOLDERS.forEach(folder => makeFolder(folder));
    const ready = join(this.folder, 'ready');
    const unshare = ['unshare', '--fork', '--kill-child', '--pid', '--mount', '--uts', '--ipc', '--mount-proc', '--propagation', 'private'];
    const init = ['bash', join(__dirname, 'machine-init.sh'), this.name, String(LIFE_SECONDS), ready, ...OWN_FOLDERS];
    const pid = startDetached(this.inNetwork([...unshare, ...init]), join(this.folder, 'init.log'));
    writeFileSync(join(this.folder, 'unshare.pid'), `${pid} ${startTime(pid)}`);
    await until(`${this.name} has booted, see ${this.folder}/init.log`, 10, () => existsSync(ready), 10);
  }

  /** Starts a daemon on the machine. Its output goes to a log file. */
  public daemon(name: string, argv: string[]): void {
    startDetached(this.inside(argv), join(this.folder, `${name}.log`));
  }

  /** Host pids of the machine's processes with this name: daemons, and host-network containers. */
  public processes(name: string): number[] {
    const here = readlinkOrEmpty(`/proc/${this.initPid}/ns/net`);
    return pids().filter(pid => here !== '' && readOrEmpty(`/proc/${pid}/comm`).trim() === name && readlinkOrEmpty(`/proc/${pid}/ns/net`) === here);
  }

  /** Takes the carrier away, as when a cable is pulled. */
  public async pullCable(): Promise<void> {
    await this.port('down');
  }

  public async plugCable(): Promise<void> {
    await this.port('up');
  }

  /** Removes the machine's port from the switch. Its link stays up, so the machine does not notice. */
  public async cutPort(): Promise<void> {
    await this.port('nomaster');
  }

  public async joinPort(): Promise<void> {
    await this.port('master', 'br0');
  }

  /** True while the machine's pid 1 lives. */
  public get isUp(): boolean {
    return this.initPid !== undefined;
  }

  /** Ends pid 1; the kernel then ends the machine's processes and mounts. */
  public halt(): void {
    [this.initPid, this.unsharePid].forEach(pid => pid && kill(pid));
    rmSync(join(this.folder, 'unshare.pid'), { force: true });
  }

  /** Pid of `unshare`, if it is still the process that we started. */
  private get unsharePid(): number | undefined {
    const [pid, started] = readOrEmpty(join(this.folder, 'unshare.pid')).split(' ');
    return pid && started && startTime(Number(pid)) === started ? Number(pid) : undefined;
  }

  /** Pid of the machine's pid 1, as this host sees it. */
  private get initPid(): number | undefined {
    const parent = this.unsharePid;
    return Number(readOrEmpty(`/proc/${parent}/task/${parent}/children`).trim()) || undefined;
  }

  private async port(...change: string[]): Promise<void> {
    await run(['ip', '-n', `${PREFIX}-${LAN}`, 'link', 'set', `v-${this.name}`, ...change]);
  }
}

/** Processes of a pod on any machine: the name of their cgroup contains the pod's uid. */
export function processesOfPod(uid: string): number[] {
  const names = [uid, uid.replace(/-/g, '_')];
  return pids().filter(pid => names.some(name => readOrEmpty(`/proc/${pid}/cgroup`).includes(name)));
}

/** Processes of a pod's containers: all but the pause process. */
export function containerProcesses(uid: string): number[] {
  return processesOfPod(uid).filter(pid => !readOrEmpty(`/proc/${pid}/cmdline`).includes('\0pause'));
}

/** Sends a signal to a process, which may have ended already. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has already ended
  }
}

/** Makes a folder on this host, and records that `restoreHost` has to remove it. */
export function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true });
  if (made) writeFileSync(join(HOST_CHANGES, 'folders'), `${folder}\n`, { flag: 'a' });
}

/** All processes of this host. */
export function pids(): number[] {
  return readdirSync('/proc').filter(entry => /^\d+$/.test(entry)).map(Number);
}

/** Tells a process from a later one with the same pid. */
function startTime(pid: number): string {
  return readOrEmpty(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ')[19] ?? '';
}

export function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readlinkOrEmpty(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
