// handover: the virtual IP moves while connections are open and new ones come: PLAIN breaks the open ones, SEAMLESS breaks none

import { sleep, undo } from '../cluster/commands';
import { Node } from '../cluster/node';
import { hostOf } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, load, longest, probe, watchHolders } from '../traffic/measure';
import { HoldReport } from '../traffic/reports';
import { IPV6_ADDRESS, PLAIN, SEAMLESS } from '../variants/handover';

/** Open TLS connections of each family. */
const OPEN = { ipv4: 1_000, ipv6: 500 };
const NEW = ['--tls', '--workers', '8', '--rate', '300'];
/** From the opening of the last connection to its next use: enough for the move, and for the deletion of pods. */
const SILENCE_SECONDS = 12;
const MOST_SECONDS = 90;

interface Move {
  readonly name: string;
  begin(edge: EdgeUnderTest, holder: Node): Promise<(() => Promise<void>) | void>;
}

const POD_DELETED: Move = {
  name: 'keepalived\'s pod deleted',
  begin: async (edge, holder) => {
    const { name, namespace } = await edge.podOn(holder, 'virtual-ip');
    await edge.cluster.kubectl(['-n', namespace, 'delete', 'pod', name, '--wait=false']);
  },
};

/** The front proxy of the node drains. */
const MAINTENANCE: Move = {
  name: 'node labelled for maintenance',
  begin: async ({ cluster }, holder) => {
    await cluster.kubectl(['label', 'node', holder.name, 'cdk8s-istio-edge/maintenance=']);
    return async () => void await cluster.kubectl(['label', 'node', holder.name, 'cdk8s-istio-edge/maintenance-']);
  },
};

export const handover: Scenario = {
  name: 'handover',
  title: 'open and new connections while the VIP moves, plainly and seamlessly',
  run: async context => {
    const findings = new Findings('handover', context.profile);
    const count = Math.ceil(context.rounds / 3); // each takes half a minute or more
    for (const example of [PLAIN, SEAMLESS]) {
      for (const move of [POD_DELETED, MAINTENANCE]) {
        await judge(context, example, move, count, findings);
      }
    }
    return findings.results;
  },
};

async function judge(context: ScenarioContext, example: Example, move: Move, count: number, findings: Findings): Promise<void> {
  const rounds: Round[] = [];
  for (let number = 1; number <= count; number++) {
    const seen = await round(context, example, move);
    rounds.push(seen);
    context.progress.say(`${example.name}, ${move.name} ${number}/${count}: ${JSON.stringify(seen)}`);
  }
  const sum = (figure: (seen: Round) => number) => rounds.reduce((total, seen) => total + figure(seen), 0);
  const name = `${example.name}, ${move.name}`;
  const seamless = example === SEAMLESS ? { goal: 0 } : {};
  findings.add(`${name}: open IPv4 connections that broke, of ${sum(({ ipv4 }) => ipv4.open)}`, sum(({ ipv4 }) => ipv4.broken), 'connections', seamless);
  findings.add(`${name}: open IPv6 connections that broke, of ${sum(({ ipv6 }) => ipv6.open)}`, sum(({ ipv6 }) => ipv6.broken), 'connections', seamless);
  findings.add(`${name}: new connections that failed, of ${sum(({ requests }) => requests)}`, sum(({ failed }) => failed), 'connections', seamless);
  findings.add(`${name}: longest outage`, Math.max(...rounds.map(({ outage }) => outage)), 's');
  findings.add(`${name}: rounds in which the address stayed`, rounds.filter(({ moved }) => !moved).length, 'rounds', { goal: 0 });
}

interface Held {
  readonly open: number;
  readonly broken: number;
  readonly by: { [kind: string]: number };
}

interface Round {
  readonly ipv4: Held;
  readonly ipv6: Held;
  readonly requests: number;
  readonly failed: number;
  readonly failedBy: { [kind: string]: number };
  readonly outage: number;
  readonly moved: boolean;
}

async function round({ cluster, edges }: ScenarioContext, example: Example, move: Move): Promise<Round> {
  const edge = await edges.use(example, { gatewaysOn: 'worker' });
  await edge.settled(120);
  const node = await edge.holder();
  const held = Promise.all([hold(edge, edge.target(443), OPEN.ipv4), hold(edge, `${hostOf(IPV6_ADDRESS)}:443`, OPEN.ipv6)]);
  held.catch(() => undefined); // it is awaited below
  await sleep(5_000);
  const [client, shots, holders] = await begun(
    load(cluster, edge.target(443), MOST_SECONDS, ...NEW),
    probe(cluster, edge.target(), MOST_SECONDS),
    watchHolders(cluster, IPV6_ADDRESS, MOST_SECONDS),
  );
  const repair = await move.begin(edge, node);
  try {
    const [ipv4, ipv6] = await held;
    const [seen, probed, watched] = [await client.end(), await shots.end(), await holders.end()];
    return {
      ipv4, ipv6, requests: seen.requests, failed: seen.failed, failedBy: seen.failedBy, outage: longest(probed.outages),
      moved: watched.changes.some(change => change.holders.length === 1 && change.holders[0] !== node.name),
    };
  } finally {
    await undo(async () => repair?.());
  }
}

/** Opens connections, uses each, and uses each again after the silence. */
async function hold({ cluster }: EdgeUnderTest, target: string, connections: number): Promise<Held> {
  const words = ['hold', '--tls', '--target', target, '--connections', `${connections}`, '--silence', `${SILENCE_SECONDS}s`];
  const { answered, answeredAgain, failedBy } = await cluster.fromClient<HoldReport>(words, MOST_SECONDS);
  return { open: answered, broken: answered - answeredAgain, by: failedBy };
}
