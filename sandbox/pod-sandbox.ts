// runs a command with exactly the privileges of a pod: own mounts and processes, few capabilities, the node's network
import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'fs';
import { constants, tmpdir } from 'os';
import { delimiter, dirname, join } from 'path';
import type { EdgeNode } from './edge-node';
import type { ContainerProcess } from '../src/engines/container-process';

export interface PodOptions {
  readonly process: ContainerProcess;
  /** The engine's binary: its folder comes first on PATH. */
  readonly binary: string;
  /** Of the container, after `drop: [ALL]`. @default ['net_bind_service'] */
  readonly capabilities?: string[];
  /** Folders of this machine that take the place of writable directories: pods share them, as containers of one pod do. */
  readonly volumes?: { readonly [directory: string]: string };
  /** Shell text that changes the image: it runs as root before the container's file system becomes read-only. */
  readonly image?: string;
  readonly env?: { readonly [name: string]: string };
  /** Whether to discard the command's standard output. Under load, an access log is too large for a test to keep. */
  readonly forgetsOutput?: boolean;
}

export interface ExecResult {
  /** Exit status; 128 + n if signal n ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Prepares the container's file system and becomes the command. $1 is the folder of config files, $2 the capabilities,
 * $3 what changes the image, $4 the number of writable directories, which follow; then the command. A writable
 * directory can have an equals sign and a folder of this machine after it.
 *
 * - /etc: the machine's own, with the config files on top; an overlay takes milliseconds, a copy a third of a second
 * - a writable directory that does not exist is made on a tmpfs: an image would have it
 * - read-only: every mount, and /proc/sys as runc does it
 */
const BECOME_CONTAINER = `
set -euo pipefail
files=$1 capabilities=$2 image=$3 count=$4; shift 4
writable=("\${@:1:count}"); shift "$count"
mount -t overlay etc -o "lowerdir=$files:/etc" /etc
eval "$image"
for volume in "\${writable[@]}"; do
  directory=\${volume%%=*}
  [ -d "$directory" ] && continue
  parent=$(dirname "$directory")
  while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
  [ "$(findmnt -no SOURCE --target "$parent")" = image ] || mount -t tmpfs image "$parent"
  mkdir -p "$directory"
done
mount --bind /proc/sys /proc/sys
findmnt -rno TARGET | while read -r target; do
  [ -e "$target" ] || continue # hidden by a mount of ours
  case $target in /proc) ;; *) mount -o remount,bind,ro "$target" ;; esac
done
for volume in "\${writable[@]}"; do
  case $volume in
    *=*) mount --bind "\${volume#*=}" "\${volume%%=*}" && mount -o remount,bind,rw "\${volume%%=*}" ;;
    *) mount -t tmpfs -o mode=0777 emptydir "$volume" ;;
  esac
done
echo ready >&3; exec 3>&-
exec setpriv --no-new-privs --bounding-set="$capabilities" --inh-caps="$capabilities" "$@"`;

/** Engines open /dev/stdout by name, which needs a pipe; Node gives a child a socket. */
const WITH_PIPES = ['bash', '-c', 'exec "$@" > >(exec cat) 2> >(exec cat >&2)', 'bash'];
const WITH_ERRORS_ONLY = ['bash', '-c', 'exec "$@" > >(exec cat > /dev/null) 2> >(exec cat >&2)', 'bash'];

/** One container on the network of a node. Its command is process 1 of its own process namespace. */
export class PodSandbox {
  /** Resolves when the command has been started, not when it is ready. */
  public static async start(node: EdgeNode, options: PodOptions): Promise<PodSandbox> {
    const files = mkdtempSync(join(tmpdir(), 'edge-pod-'));
    chmodSync(files, 0o755); // it becomes the pod's /etc, which every user can read
    Object.entries(options.process.files).forEach(([name, text]) => writeFileSync(join(files, name), text));
    const pod = new PodSandbox(node, options, files);
    await pod.started;
    return pod;
  }

  /** The output of the command so far. */
  public stdout = '';
  public stderr = '';
  /** Resolves with the exit status when the command has ended. */
  public readonly exited: Promise<number>;
  private readonly started: Promise<void>;
  private readonly child: ChildProcess;

  private constructor(node: EdgeNode, private readonly options: PodOptions, files: string) {
    const { command } = options.process;
    const volumes = Object.entries(options.volumes ?? {}).map(([directory, folder]) => `${directory}=${folder}`);
    const writable = [...options.process.writableDirectories.filter(directory => !(directory in (options.volumes ?? {}))), ...volumes];
    this.child = this.spawn([
      '--pdeathsig', 'KILL', ...node.enter, 'unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child',
      'bash', '-c', BECOME_CONTAINER, 'bash', files, this.capabilities, options.image ?? '', `${writable.length}`, ...writable, ...command,
    ], options.forgetsOutput ? WITH_ERRORS_ONLY : WITH_PIPES);
    this.child.stdout!.on('data', text => (this.stdout += text));
    this.child.stderr!.on('data', text => (this.stderr += text));
    this.exited = status(this.child).finally(() => rmSync(files, { recursive: true, force: true }));
    this.started = Promise.race([
      once(this.child.stdio[3]!, 'data').then(() => undefined),
      this.exited.then(code => { throw new Error(`the sandbox could not be made (${code}): ${this.stderr}`); }),
    ]);
  }

  /** The command's process id, as this machine sees it. */
  public get pid(): number {
    const children = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').trim().split(' ');
    const inside = children.find(pid => readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync('/proc/self/ns/pid'));
    if (!inside) {
      throw new Error(`the pod has ended: ${this.stderr}`);
    }
    return Number(inside);
  }

  /** Like `kubectl exec`, an exec probe or a preStop hook: same container, same privileges. `prefix` runs outside the container. */
  public async exec(command: string[], prefix: string[] = []): Promise<ExecResult> {
    const child = this.spawn([
      ...prefix,
      'nsenter', '--target', `${this.pid}`, '--net', '--mount', '--pid',
      'setpriv', '--no-new-privs', `--bounding-set=${this.capabilities}`, `--inh-caps=${this.capabilities}`, ...command,
    ]);
    let stdout = '';
    let stderr = '';
    child.stdout!.on('data', text => (stdout += text));
    child.stderr!.on('data', text => (stderr += text));
    return { status: await status(child), stdout, stderr };
  }

  /** Waits until the exec probe passes, as a kubelet does. */
  public async ready(timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const probe = await this.exec(this.options.process.readiness);
      if (probe.status === 0) {
        return;
      }
      if (Date.now() > deadline) {
        throw new Error(`not ready after ${timeoutMs} ms: ${probe.stdout}${probe.stderr}\n${this.stdout}${this.stderr}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  public signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** SIGKILL for all processes of the pod. */
  public async kill(): Promise<void> {
    this.child.kill('SIGKILL'); // unshare --kill-child passes the signal to process 1, whose end kills the others
    await this.exited;
  }

  private get capabilities(): string {
    return ['-all', ...(this.options.capabilities ?? ['net_bind_service']).map(name => `+${name}`)].join(',');
  }

  private spawn(setprivArguments: string[], pipes: string[] = WITH_PIPES): ChildProcess {
    const path = [dirname(this.options.binary), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
    const [program, ...args] = [...pipes, 'setpriv', ...setprivArguments];
    return spawn(program, args, { env: { PATH: path, ...this.options.env }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  }
}

async function status(child: ChildProcess): Promise<number> {
  const [code, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal!];
}
