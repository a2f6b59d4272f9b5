// no room left where a node's kubelet and pods write. Every one of these file systems is a tmpfs, and gets the size that it uses: no disk fills

import { join } from 'node:path';
import { undo } from './commands';
import { Node } from './node';

/** Container logs are on this machine's disk. With this, the logs of pods that start later are on a tmpfs of their node. */
export async function logsInMemory(node: Node): Promise<() => Promise<void>> {
  const logs = join(node.folder, 'pods');
  await node.exec(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', logs]);
  return async () => { await node.exec(['umount', '--lazy', logs]); };
}

/** File systems that kubelet and the pods' containers write to. */
async function writable(node: Node): Promise<string[]> {
  const mounts = (await node.exec(['cat', '/proc/self/mounts'])).split('\n').map(line => line.split(' '));
  const chosen = mounts.filter(([, at, type]) => type === 'tmpfs'
    && (at === '/var/lib/kubelet' || at === join(node.folder, 'pods') || at.includes('kubernetes.io~empty-dir'))).map(([, at]) => at);
  return [...new Set(chosen)];
}

/** Fills them. Returns what makes room again. */
export async function fillUp(node: Node): Promise<() => Promise<void>> {
  const full = await writable(node);
  const script = `used=$(df --output=used -k "$1" | tail -1)
mount -o remount,size=$((used + 16))k "$1" || exit 1
head -c 1M /dev/zero >"$1/full" 2>/dev/null && { echo "there was room in $1"; exit 1; }
true`;
  const mend = async () => {
    for (const at of full) await node.exec(['sh', '-c', 'rm -f "$1/full"; mount -o remount,size=50% "$1"', 'mend', at]).catch(() => '');
  };
  try {
    for (const at of full) await node.exec(['sh', '-c', script, 'fill', at]);
  } catch (error) {
    await undo(mend);
    throw error;
  }
  return mend;
}
