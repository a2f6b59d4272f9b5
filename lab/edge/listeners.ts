// what listens in a node's network, and which process it is

import { statSync } from 'node:fs';
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

/** Whether users other than the owner may open the file of a Unix socket. A socket without a file is open to all of the network namespace. */
export function isOpenToOthers({ at, pids: [pid] }: Listener): boolean {
  if (!at.startsWith('/')) return true;
  return !statSync(`/proc/${pid}/root${at}`).mode.toString(8).endsWith('00');
}
