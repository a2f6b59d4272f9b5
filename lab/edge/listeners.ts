// what listens in a node's network, and which process it is

import { run } from '../cluster/commands';
import { readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';

export interface Listener {
  /** tcp, udp, raw (with the protocol as port), icmp, packet, or unix. */
  readonly kind: string;
  /** `address:port`, or the path of a Unix socket. */
  readonly at: string;
  readonly pids: number[];
  /** Names of the processes. */
  readonly programs: string[];
}

/** Sockets that listen, or get packets without a connection. Both families, Unix sockets of all kinds included. */
export async function listenersOf(node: Node): Promise<Listener[]> {
  const lines = (await run(node.inNetwork(['ss', '-Hlnp', '--tcp', '--udp', '--raw', '--unix', '--sctp']))).split('\n').filter(line => line);
  return lines.map(line => {
    const [kind, , , , local, ...rest] = line.split(/\s+/);
    const pids = [...new Set([...rest.join(' ').matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid)))];
    const at = kind.startsWith('u_') ? local : local.replace(/%[^:\]]+/, '');
    return { kind: kind.replace(/^u_.*/, 'unix'), at, pids, programs: [...new Set(pids.map(pid => readOrEmpty(`/proc/${pid}/comm`).trim()))] };
  });
}

/** Tests as another user (65534), who needs the right to pass each folder too; nginx' own socket has mode 0666, in a folder that only root may enter. */
const OPEN_FILES = `find /var/lib/kubelet/pods -type s | while read -r file; do
  ! setpriv --reuid=65534 --regid=65534 --clear-groups test -w "$file" || echo "$file"
done`;

/** Unix sockets that another user of the node could open: in the volumes of pods, or without a file. */
export async function openToOthers(node: Node, listeners: Listener[]): Promise<string[]> {
  const files = (await run(node.inside(['sh', '-c', OPEN_FILES]))).split('\n').filter(line => line);
  return [...files, ...listeners.filter(({ kind, at }) => kind === 'unix' && !at.startsWith('/')).map(({ at }) => at)];
}
