// a container at its memory limit: the kernel kills one of its processes

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, startDetached, until } from './commands';
import { CGROUPS } from './host';
import { kill, readOrEmpty } from './machine';
import { Node } from './node';

const MIB = 1024 * 1024;

/** A container's memory group, by a process of it. */
function groupOf(pid: number): { folder: string; limit: string; used: string } {
  const lines = readOrEmpty(`/proc/${pid}/cgroup`).split('\n').map(line => /^\d+:([^:]*):(.*)$/.exec(line));
  const v1 = lines.find(line => line?.[1].split(',').includes('memory'));
  return v1
    ? { folder: join(CGROUPS, 'memory', v1[2]), limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes' }
    : { folder: join(CGROUPS, lines.find(line => line?.[1] === '')?.[2] ?? ''), limit: 'memory.max', used: 'memory.current' };
}

/**
 * Lowers the limit of the container to a little more than it uses. A file in a tmpfs of the container then takes the rest, so the kernel
 * kills the largest process. A new container gets its own limit again. Returns what removes the file.
 */
export async function outOfMemory(node: Node, pid: number, tmpfs: string): Promise<() => Promise<void>> {
  const { folder, limit, used } = groupOf(pid);
  const members = readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim().split('\n').map(Number);
  writeFileSync(join(folder, limit), String(Number(readFileSync(join(folder, used), 'utf8')) + 4 * MIB));
  // the process that writes the file must not be the one that the kernel chooses; a machine may raise these values, and may not lower them
  members.forEach(member => writeFileSync(`/proc/${member}/oom_score_adj`, '900'));
  const fill = 'echo $$ >"$1/cgroup.procs"; exec head -c 512M /dev/zero >"$2"';
  const writer = startDetached(['sh', '-c', fill, 'fill', folder, `/proc/${pid}/root${tmpfs}/full`], join(node.folder, 'fill.log'));
  const [, uid] = /pod([0-9a-f]{8}[-_][0-9a-f_-]{27})/.exec(folder) ?? [];
  const remove = async () => { await node.exec(['sh', '-c', `rm -f /var/lib/kubelet/pods/${uid.replace(/_/g, '-')}/volumes/kubernetes.io~empty-dir/*/full`]); };
  const hasEnded = (member: number) => !existsSync(`/proc/${member}`) || /^State:\s+Z/m.test(readOrEmpty(`/proc/${member}/status`));
  return after(async () => {
    try {
      await until('the kernel has killed a process of the container', 10, () => members.some(hasEnded), 5);
    } finally {
      kill(writer);
    }
  }, remove);
}
