// the command of docs/edge-nodes.md that counts the connections left on a node in maintenance

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../cluster/commands';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';

const PAGE = join(__dirname, '../../docs/edge-nodes.md');
/** The page's commands name this node. */
const NODE_ON_PAGE = 'edge-1';

/** Runs the command as it stands on the page, and returns what it prints. */
export async function connectionsLeft({ cluster }: EdgeUnderTest, node: Node): Promise<number> {
  const [, command] = /^```sh\n(pod=.*?)^```/ms.exec(readFileSync(PAGE, 'utf8')) ?? [];
  if (!command) throw new Error(`${PAGE} has no command that counts connections`);
  const kubectl = 'argv=("$@"); kubectl() { "${argv[@]}" "$@"; };';
  const text = await run(['bash', '-c', `${kubectl} ${command.replaceAll(NODE_ON_PAGE, node.name)}`, 'bash', ...cluster.controlPlane.kubectl([])]);
  return Number(text);
}
