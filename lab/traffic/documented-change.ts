// what clients notice while somebody follows the steps of a page

import { EdgeUnderTest } from '../edge/edge-under-test';
import { Bound, Findings } from '../findings';
import { PATIENT_CLIENT } from './gateway-rollout';
import { begun, probe, watchHolders } from './measure';
import { after } from '../cluster/commands';
import { Progress } from '../cluster/progress';

const MOST_SECONDS = 900;

const ONE_ADVERT = { limit: 0.2, because: 'one advert' };

/** Where to write, how many new connections may be lost, and for how long two nodes may have the address. */
interface Judgement {
  readonly progress: Progress;
  readonly findings: Findings;
  /** @default - none */
  readonly lost?: Bound;
  /** @default - one advert */
  readonly twoHolders?: Bound;
}

/** Runs the steps under load, and judges what clients lost. */
export async function judgeChange(
  edge: EdgeUnderTest, what: string, steps: () => Promise<void>, { progress, findings, lost = { goal: 0 }, twoHolders = ONE_ADVERT }: Judgement,
): Promise<void> {
  const { cluster, example: { address } } = edge;
  const [client, holders] = await begun(
    probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT), watchHolders(cluster, address, MOST_SECONDS),
  );
  const since = Date.now();
  const ended = () => Promise.all([client.end(), holders.end()]);
  await after(steps, async () => void await ended());
  const seconds = (Date.now() - since) / 1000;
  const [seen, held] = await ended();
  progress.say(`${what}: ${seen.bad} of ${seen.probes} lost in ${seconds.toFixed(0)} s: ${JSON.stringify(seen.outages)} ${JSON.stringify(held.changes)}`);
  findings.add(`${what}: new connections lost, of ${seen.probes}`, seen.bad, 'connections', lost);
  findings.add(`${what}: longest time in which no node has the address`, held.longestNoHolderSeconds, 's', { limit: 0.25, because: 'a planned move' });
  findings.add(`${what}: two nodes with the address, longest`, held.longestTwoHoldersSeconds, 's', twoHolders);
  findings.add(`${what}: duration`, seconds, 's');
}
