// a fault: the nodes do not hear each other

import { after, run } from '../cluster/commands';
import { EdgeUnderTest } from '../edge/edge-under-test';

/**
 * No node hears an advert, so each of them takes the address. On one node alone this is not enough: if its priority is higher, the holder
 * hears it and gives the address up. Returns the repair.
 */
export async function dropAdverts({ nodes }: EdgeUnderTest): Promise<() => Promise<void>> {
  const nft = async (command: string) => {
    for (const node of nodes) await run(node.inNetwork(['nft', command]));
  };
  const split = 'table inet lab-split { chain in { type filter hook input priority -300; meta l4proto 112 drop; }; }';
  // a table that is not there cannot be deleted
  return after(() => nft(split), () => nft('add table inet lab-split; delete table inet lab-split'));
}
