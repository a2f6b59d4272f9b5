// keepalived-update: a rolling update of keepalived moves the virtual IP once or twice, as fast as any planned move

import { HA_EDGE } from '../edge/examples';
import { rollOut } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { HANDED_OVER } from '../traffic/faults';
import { begun, probe, watchHolders, whenAndWhat } from '../traffic/measure';

const MOST_SECONDS = 120;

export const keepalivedUpdate: Scenario = {
  name: 'keepalived-update',
  title: 'rolling update of keepalived under probe: how long each hand-over lasts',
  run: async context => {
    const findings = new Findings('keepalived-update', context.profile);
    const outages: number[] = [];
    const moves: number[] = [];
    const two: number[] = [];
    for (let round = 1; round <= context.rounds; round++) {
      const seen = await update(context);
      outages.push(seen.outage);
      moves.push(seen.moves);
      two.push(seen.two);
      context.progress.say(`round ${round} of ${context.rounds}: ${seen.moves} moves, longest outage ${seen.outage.toFixed(3)} s, update ${seen.seconds.toFixed(0)} s`);
    }
    findings.spread('longest outage of an update', outages, 's', { worst: HANDED_OVER });
    findings.add('moves of the VIP in an update, most', Math.max(...moves), 'moves', { limit: 2, because: 'one for each node that holds it when its turn comes' });
    findings.add('two nodes with the address, longest', Math.max(...two), 's', { limit: 0.2, because: 'one advert' });
    return findings.results;
  },
};

async function update({ cluster, edges, progress }: ScenarioContext): Promise<{ outage: number; moves: number; two: number; seconds: number }> {
  // gateways on the worker, so that the figures are those of the virtual IP alone
  const edge = await edges.use(HA_EDGE, { gatewaysOn: 'worker' });
  const [client, holders] = await begun(probe(cluster, edge.target(), MOST_SECONDS), watchHolders(cluster, edge.example.address, MOST_SECONDS));
  const started = Date.now();
  const seconds = await rollOut(edge, 'virtual-ip');
  const [seen, held] = [await client.end(), await holders.end()];
  seen.outages.forEach(outage => progress.say(`outage ${whenAndWhat(outage, started)}`));
  return { outage: seen.longestOutageSeconds, moves: movesOf(held.changes), two: held.longestTwoHoldersSeconds, seconds };
}

/** How often another node took the address. */
function movesOf(changes: readonly { readonly holders: string[] }[]): number {
  const takers = changes.map(({ holders }) => holders.join()).filter(holders => holders !== '' && !holders.includes(','));
  return takers.filter((taker, i) => i > 0 && taker !== takers[i - 1]).length;
}
