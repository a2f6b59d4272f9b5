// a node loses its power and gets it back; its agents are killed and started again

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, until } from './commands';
import { kill } from './machine';
import { Node } from './node';

/** All processes end at once, without a word to anyone. The kernel forgets addresses, rules and connections, but the disk stays. */
export async function powerOff(node: Node): Promise<void> {
  await node.pullCable();
  node.halt();
  const { ipv4, ipv6 } = node.spec;
  await until(`every process of ${node.name} has ended`, 20, async () => {
    const left = (await run(['ip', 'netns', 'pids', node.namespace])).split(/\s+/).filter(pid => pid);
    left.forEach(pid => kill(Number(pid)));
    return left.length === 0;
  }, 20);
  const forget = `nft flush ruleset; conntrack -F 2>/dev/null; ip link delete cni0 2>/dev/null
ip -o address show scope global | while read -r _ link _ address _; do
  case $address in ${ipv4}/*|${ipv6}/*) ;; *) ip address delete "$address" dev "$link" ;; esac
done
ip address flush dev lo; ip address add 127.0.0.1/8 dev lo; ip address add ::1/128 dev lo 2>/dev/null; true`;
  await run(node.inNetwork(['sh', '-c', forget]));
}

/** Returns when its agents run. Its pods start after that. */
export async function powerOn(node: Node): Promise<void> {
  rmSync(join(node.folder, 'ready'), { force: true });
  await node.boot();
  await node.startContainerd();
  await node.plugCable();
  node.join();
}

/** Kills daemons, and waits until they have ended. */
export async function killDaemons(node: Node, ...names: string[]): Promise<void> {
  const found = names.flatMap(name => node.processes(name));
  if (found.length < names.length) throw new Error(`${names.join(' or ')} does not run on ${node.name}`);
  found.forEach(pid => kill(pid));
  await until(`${names.join()} of ${node.name} has ended`, 5, () => names.every(name => node.processes(name).length === 0), 20);
}
