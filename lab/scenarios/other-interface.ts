// other-interface: clients are on another network than the nodes' own addresses; under rp_filter=1 and strict ARP the address has one holder,
// and moves when its node loses either network

import { sleep } from '../cluster/commands';
import { secondCable, withSecondNetwork } from '../cluster/second-network';
import { Findings } from '../findings';
import { Scenario } from '../scenario';
import { Fault, repeat, takenOverBound } from '../traffic/faults';
import { watchHolders } from '../traffic/measure';
import { OTHER_INTERFACE } from '../variants/other-interface';

const CALM_SECONDS = 5;

const FAULTS: Fault[] = [
  {
    name: 'clients\' cable pulled',
    harm: async (_, holder) => {
      await secondCable(holder, 'down');
      return () => secondCable(holder, 'up');
    },
  },
  {
    name: 'nodes\' cable pulled',
    harm: async (_, holder) => {
      await holder.pullCable();
      return () => holder.plugCable();
    },
  },
];

export const otherInterface: Scenario = {
  name: 'other-interface',
  title: 'a virtual IP on another network than the nodes\' own, under rp_filter=1 and strict ARP: one holder, and it moves',
  run: async context => {
    const findings = new Findings('other-interface', context.profile);
    await withSecondNetwork(context.cluster, async () => {
      const edge = await context.edges.use(OTHER_INTERFACE, { gatewaysOn: 'worker' });
      const calm = watchHolders(context.cluster, edge.example.address, CALM_SECONDS + 10);
      await sleep(CALM_SECONDS * 1000);
      const { longestTwoHoldersSeconds, longestNoHolderSeconds } = await calm.end();
      findings.add(`while nothing happens: two holders, in ${CALM_SECONDS} s`, longestTwoHoldersSeconds, 's', { goal: 0 });
      findings.add(`while nothing happens: no holder, in ${CALM_SECONDS} s`, longestNoHolderSeconds, 's', { goal: 0 });
      for (const fault of FAULTS) {
        const rounds = await repeat(context, edge, fault);
        findings.spread(`${fault.name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: takenOverBound(0.2) });
        findings.add(`${fault.name}: rounds in which the address has not moved`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
        findings.add(`${fault.name}: longest time with two holders`, Math.max(...rounds.map(({ twoHolders }) => twoHolders)), 's', { limit: 0.1, because: 'one gives it up when its carrier is lost' });
      }
      await context.edges.clear();
    });
    return findings.results;
  },
};
