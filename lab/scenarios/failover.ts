// failover: the node that holds the virtual IP is lost, or its keepalived is; the other node serves after just over three advert intervals

import { kill } from '../cluster/machine';
import { withSettings } from '../cluster/network';
import { Node } from '../cluster/node';
import { INTERFACE } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE } from '../edge/examples';
import { Bound, Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Fault, HANDED_OVER, repeat, takenOverBound, twoMastersBound } from '../traffic/faults';
import { FAST_ADVERTS } from '../variants/fast-adverts';

const PORT_CUT: Fault = {
  name: 'port cut, carrier kept',
  arpSeconds: 1,
  harm: async (edge, holder) => {
    await holder.cutPort();
    // as after a minute: a backup sends nothing to its peer, and does not know the peer's hardware address
    await Promise.all([holder.forget(edge.other(holder)), edge.other(holder).forget(holder)]);
    return () => holder.joinPort();
  },
};

/** As docs/virtual-ip.md describes it. */
const ARP_SETTING = `net.ipv4.neigh.${INTERFACE}.retrans_time_ms`;

const CRASHES: Fault[] = [
  {
    name: 'cable pulled',
    harm: async (_, holder) => {
      await holder.pullCable();
      return () => holder.plugCable();
    },
  },
  PORT_CUT,
  { name: 'keepalived killed (SIGKILL)', endsKeepalived: true, mayStay: true, harm: async (edge, holder) => signal(edge, holder, 'SIGKILL') },
];

const HAND_OVERS: Fault[] = [
  { name: 'keepalived ended (SIGTERM)', endsKeepalived: true, harm: async (edge, holder) => signal(edge, holder, 'SIGTERM') },
  { name: 'keepalived\'s pod deleted', endsKeepalived: true, harm: deletePod },
];

export const failover: Scenario = {
  name: 'failover',
  title: 'cable pulled, port cut, keepalived killed, ended, deleted: how long until the client is served again',
  run: async context => {
    const findings = new Findings('failover', context.profile);
    await underAdvert(context, findings, FAST_ADVERTS, 0.1);
    await underAdvert(context, findings, HA_EDGE, 0.2);
    return findings.results;
  },
};

async function underAdvert(context: ScenarioContext, findings: Findings, example: Example, advert: number): Promise<void> {
  // on the worker, so that no gateway is lost with the node and the figures are those of the virtual IP
  const edge = await context.edges.use(example, { gatewaysOn: 'worker' });
  const limit = takenOverBound(advert);
  const isStated = advert === 0.1;
  for (const fault of CRASHES) {
    const bounds = { median: { ...limit, ...isStated && { goal: 0.35 } }, worst: { ...limit, ...isStated && { goal: 0.45 } } };
    await judged(context, findings, edge, advert, fault, bounds);
  }
  const cutAndAsked = { ...PORT_CUT, name: `${PORT_CUT.name}, ARP asks twice an advert`, arpSeconds: advert / 2 };
  const settings = { [ARP_SETTING]: `${advert * 1000 / 2}` };
  await withSettings(edge.nodes.map(({ name }) => name), settings, () => judged(context, findings, edge, advert, cutAndAsked, { worst: limit }));
  for (const fault of HAND_OVERS) {
    await judged(context, findings, edge, advert, fault, { worst: HANDED_OVER });
  }
}

async function judged(
  context: ScenarioContext, findings: Findings, edge: EdgeUnderTest, advert: number, fault: Fault, bounds: { median?: Bound; worst: Bound },
): Promise<void> {
  const rounds = await repeat(context, edge, fault);
  const name = `advert ${advert * 1000} ms, ${fault.name}`;
  findings.spread(`${name}: served again`, rounds.map(({ outage }) => outage), 's', bounds);
  const afterwards = Math.max(...rounds.map(round => round.afterwards));
  findings.add(`${name}: outage when it is mended, worst`, afterwards, 's', { limit: advert + 0.05, because: 'one advert, and 50 ms to notice' });
  const two = Math.max(...rounds.map(({ twoMasters }) => twoMasters));
  findings.add(`${name}: two masters once mended, worst`, two, 's', twoMastersBound(advert, fault.arpSeconds));
  const beside = Math.max(...rounds.map(({ twoHolders }) => twoHolders));
  if (beside > two) findings.add(`${name}: address on both nodes before that, worst`, beside, 's');
  findings.add(`${name}: rounds in which the address stayed`, rounds.filter(({ moved }) => !moved).length, 'rounds', fault.mayStay ? {} : { goal: 0 });
}

/** Signals the process that kubelet started. Its VRRP child and the container end with it. */
async function signal(edge: EdgeUnderTest, holder: Node, name: NodeJS.Signals): Promise<void> {
  const [first] = edge.keepalivedProcesses(holder);
  if (first === undefined) throw new Error(`keepalived does not run on ${holder.name}`);
  kill(first, name);
}

async function deletePod(edge: EdgeUnderTest, holder: Node): Promise<void> {
  const { name, namespace } = await edge.podOn(holder, 'virtual-ip');
  await edge.cluster.kubectl(['-n', namespace, 'delete', 'pod', name, '--wait=false']);
}
