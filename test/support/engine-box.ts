// namespaces of its own for one run of an engine: network, mounts and processes. Nothing outlives the run
import { spawnSync } from 'child_process';
import type { SpawnSyncReturns } from 'child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

/**
 * Runs the command that follows $1 and $2: $1 has files that come on top of /etc, as in the pod. $2 are interfaces.
 * nginx opens /dev/stdout by name, which needs a pipe; Node gives a child a socket.
 */
const BOX = `
set -euo pipefail
files=$1 interfaces=$2; shift 2
ip link set lo up
for name in $interfaces; do ip link add name "$name" type bridge; done
mount -t tmpfs tmpfs /run
mkdir -p /run/front /run/keepalived /run/lock
mount -t overlay etc -o "lowerdir=$files:/etc" /etc
"$@" 2>&1 | cat`;

export type Files = { readonly [name: string]: string };

export type RunInBox = (argv: string[], interfaces?: string[]) => SpawnSyncReturns<string>;

/** Runs commands in boxes with these files. The names of Services have an address there, as in a cluster. */
export function inBoxes<T>(files: Files, use: (run: RunInBox) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  try {
    const hosts = [...JSON.stringify(files).matchAll(/[a-z0-9.-]+\.svc\.[a-z0-9.-]+/g)].map(([name]) => name.replace(/\.$/, ''));
    const lines = [...new Set(hosts)].map(name => `127.0.0.9 ${name} ${name}.\n`);
    Object.entries({ ...files, 'hosts': lines.join(''), 'resolv.conf': 'nameserver 127.0.0.1\n' }).forEach(([name, text]) => writeFileSync(join(folder, name), text));
    return use((argv, interfaces = []) => spawnSync('unshare', [
      '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c', BOX, 'bash', folder, interfaces.join(' '), ...argv,
    ], { encoding: 'utf8', timeout: 300_000, maxBuffer: 2 ** 30 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
