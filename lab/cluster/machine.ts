// one machine of the lab: a network namespace, and for those that run something, namespaces of its own with a pid 1

import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache';
import { run, RunOptions, startDetached, until } from './commands';
import { LAN } from './topology';

/** Two labs on one machine need two prefixes. */
export const PREFIX = process.env.LAB_PREFIX ?? 'edgelab';

/** Everything that a run writes; gone after `down`. */
export const RUN = join(CACHE, 'run', PREFIX);

/** What labs have changed on this machine; the last one that goes puts it back. */
export const HOST_CHANGES = join(CACHE, 'host-changes');

/** However the lab is left behind, its machines end after so long. */
const LIFE_SECONDS = Number(process.env.LAB_MAX_SECONDS ?? 4 * 3600);

/** Each machine has these for itself. containerd and kubelet cannot be told otherwise for some of them. */
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

  /** A command in its network only. (`ip netns exec` would remount /sys, without the cgroups.) */
  public inNetwork(argv: string[]): string[] {
    return ['nsenter', `--net=/run/netns/${this.namespace}`, '--', ...argv];
  }

  /** A command as if typed on the machine. */
  public inside(argv: string[]): string[] {
    const init = this.initPid;
    return init ? ['nsenter', `--target=${init}`, '--net', '--mount', '--pid', '--uts', '--ipc', '--', ...argv] : this.inNetwork(argv);
  }

  public async exec(argv: string[], options?: RunOptions): Promise<string> {
    return run(this.inside(argv), options);
  }

  /** Starts pid 1; with it ends every process and every mount of the machine. */
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

  /** Starts a daemon on the machine; its output goes to its log. */
  public daemon(name: string, argv: string[]): void {
    startDetached(this.inside(argv), join(this.folder, `${name}.log`));
  }

  /** Host-side pids of the processes in this machine's network with this name: daemons, and containers on the host network. */
  public processes(name: string): number[] {
    const here = readlinkOrEmpty(`/proc/${this.initPid}/ns/net`);
    return pids().filter(pid => here !== '' && readOrEmpty(`/proc/${pid}/comm`).trim() === name && readlinkOrEmpty(`/proc/${pid}/ns/net`) === here);
  }

  /** The carrier is lost, as when a cable is pulled. */
  public async pullCable(): Promise<void> {
    await this.port('down');
  }

  public async plugCable(): Promise<void> {
    await this.port('up');
  }

  /** The switch forwards nothing any more; the machine's link stays up and it notices nothing. */
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

  /** Ends pid 1. The kernel does the rest. */
  public halt(): void {
    [this.initPid, this.unsharePid].forEach(pid => pid && kill(pid));
    rmSync(join(this.folder, 'unshare.pid'), { force: true });
  }

  /** pid of `unshare`, if it is still the process that we started. */
  private get unsharePid(): number | undefined {
    const [pid, started] = readOrEmpty(join(this.folder, 'unshare.pid')).split(' ');
    return pid && started && startTime(Number(pid)) === started ? Number(pid) : undefined;
  }

  /** Its child, pid 1 inside. */
  private get initPid(): number | undefined {
    const parent = this.unsharePid;
    return Number(readOrEmpty(`/proc/${parent}/task/${parent}/children`).trim()) || undefined;
  }

  private async port(...change: string[]): Promise<void> {
    await run(['ip', '-n', `${PREFIX}-${LAN}`, 'link', 'set', `v-${this.name}`, ...change]);
  }
}

/** Processes of a pod on any machine, by its uid: containers' processes are in a cgroup that is named after it. */
export function processesOfPod(uid: string): number[] {
  const names = [uid, uid.replace(/-/g, '_')];
  return pids().filter(pid => names.some(name => readOrEmpty(`/proc/${pid}/cgroup`).includes(name)));
}

/** Ends a process at once; it may have ended already. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ended meanwhile
  }
}

/** Makes a folder of this machine that has to be removed again. */
export function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true });
  if (made) writeFileSync(join(HOST_CHANGES, 'folders'), `${folder}\n`, { flag: 'a' });
}

/** Every process of this machine. */
export function pids(): number[] {
  return readdirSync('/proc').filter(entry => /^\d+$/.test(entry)).map(Number);
}

/** Two processes with the same pid differ in this. */
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
