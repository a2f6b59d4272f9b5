// hostile-host: what a node can do to the edge on it. Its agents are killed, it loses its power, its file systems are full, its containers get no more memory,
// clocks of keepalived and nginx jump by an hour. What needs no API server happens once more without one

import { sleep, undo, undoAll } from '../cluster/commands';
import { fillUp, logsInMemory } from '../cluster/full-disk';
import { kill } from '../cluster/machine';
import { outOfMemory } from '../cluster/memory';
import { Node } from '../cluster/node';
import { killDaemons, powerOff, powerOn } from '../cluster/power';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { jumpClocks, withFakeClocks } from '../edge/fake-clocks';
import { rollOut } from '../edge/updates';
import { Bound, Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Fault, PROXY_DEAD, repeat, takenOverBound, twoMastersBound } from '../traffic/faults';
import { attacked } from '../variants/attacked';

/** Longer than a container's liveness probes need to fail. */
const AGENTS_SECONDS = 60;
/** Shorter than the time after which Kubernetes takes nodes for lost that it hears nothing of: the scenario `api-returns` is about that. */
const MOST_SECONDS_WITHOUT_API = 15;
/** After a time without an API server, a kubelet's watches wait for up to half a minute before they connect again. Until then it reports and removes no pod. */
const CAUGHT_UP_SECONDS = 60;
const ADVERT = 0.2;
const MOVED = takenOverBound(ADVERT);
/** The project's goal for a client once a fault has ended. */
const ANSWERS_AGAIN = { goal: 1.5 };

interface HostFault extends Fault {
  readonly bound: Bound;
  /** Rounds, if a round is long. @default - as many as the profile has */
  readonly rounds?: number;
  /** The node cannot recover without an API server. @default false */
  readonly needsApiServer?: boolean;
}

const AGENTS: HostFault[] = [
  agentsKilled(['kubelet', 'kube-proxy'], async node => node.join()),
  agentsKilled(['containerd'], async node => node.startContainerd()),
];

function agentsKilled(names: string[], restart: (node: Node) => Promise<void>): HostFault {
  return {
    name: `${names.join(' and ')} killed`,
    bound: { goal: 0 },
    mayStay: true,
    seconds: AGENTS_SECONDS,
    rounds: 1,
    harm: async (_, holder) => {
      await killDaemons(holder, ...names);
      return async () => restart(holder);
    },
  };
}

const POWER: HostFault = {
  name: 'node off and on',
  bound: MOVED,
  seconds: 5,
  rounds: 2,
  needsApiServer: true,
  harm: async (_, holder) => {
    await powerOff(holder);
    return async () => powerOn(holder);
  },
};

const MEMORY: HostFault[] = [
  { name: 'front proxy out of memory', bound: PROXY_DEAD, mayStay: true, rounds: 5, harm: async ({ example: { engine } }, holder) => outOfMemory(holder, holder.processes(engine)[0], '/run/front') },
  { name: 'keepalived out of memory', bound: ANSWERS_AGAIN, mayStay: true, rounds: 5, harm: async (edge, holder) => outOfMemory(holder, edge.keepalivedProcesses(holder)[0], '/run/keepalived') },
];

const DISK: HostFault[] = [
  { name: 'no room on any file system', bound: { goal: 0 }, mayStay: true, seconds: 10, rounds: 3, harm: async (_, holder) => fillUp(holder) },
  { name: 'no room, then the front proxy killed', bound: PROXY_DEAD, mayStay: true, seconds: 5, rounds: 3, harm: async (edge, holder) => fullThen(holder, async () => holder.processes(edge.example.engine).forEach(pid => kill(pid))) },
  { name: 'no room, then keepalived killed', bound: MOVED, mayStay: true, seconds: 5, rounds: 3, harm: async (edge, holder) => fullThen(holder, async () => kill(edge.keepalivedProcesses(holder)[0])) },
];

const CLOCKS: HostFault[] = [3600, -3600].map(seconds => ({
  name: `clocks jump by ${seconds / 3600} h`,
  bound: { goal: 0 },
  mayStay: true,
  seconds: 4,
  rounds: 3,
  harm: async (_, holder) => {
    await jumpClocks(holder, seconds);
    return async () => jumpClocks(holder, 0);
  },
}));

async function fullThen(node: Node, work: () => Promise<void>): Promise<() => Promise<void>> {
  const mend = await fillUp(node);
  await work();
  return mend;
}

export const hostileHost: Scenario = {
  name: 'hostile-host',
  title: 'agents killed, a node off and on, full file systems, no memory, clocks that jump; the same without an API server',
  run: async context => {
    const findings = new Findings('hostile-host', context.profile);
    const { faultyFronts } = context.profile;
    for (const [i, { engine }] of faultyFronts.entries()) {
      const edge = await context.edges.use(attacked(engine), { gatewaysOn: 'worker' });
      await all(context, edge, MEMORY, findings);
      if (engine === 'nginx' || faultyFronts.length === 1) await withFakeClocks(edge, context.progress, () => all(context, edge, CLOCKS, findings));
      if (i > 0) continue; // the others are the same for each engine
      await all(context, edge, [...AGENTS, POWER], findings);
      await withLogsInMemory(context, edge, () => all(context, edge, DISK, findings));
    }
    return findings.results;
  },
};

async function all(context: ScenarioContext, edge: EdgeUnderTest, faults: HostFault[], findings: Findings): Promise<void> {
  for (const fault of faults) await judged(context, edge, fault, findings);
}

/** Once with an API server, once without. */
async function judged(context: ScenarioContext, edge: EdgeUnderTest, fault: HostFault, findings: Findings): Promise<void> {
  await measured(context, edge, fault, findings, async () => edge.settled(120));
  if (fault.needsApiServer) return;
  const { controlPlane } = edge.cluster;
  await controlPlane.stopApiServer();
  try {
    await measured({ ...context, rounds: 1 }, edge, shorter(fault), findings, async () => edge.settledByItself(120));
  } finally {
    await undo(async () => controlPlane.startApiServer());
  }
  // Kubernetes takes gateways for not ready meanwhile, and a front proxy that starts finds none: the scenario `api-returns` is about that
  await sleep(CAUGHT_UP_SECONDS * 1000);
  await edge.settled(120);
}

function shorter(fault: HostFault): HostFault {
  return { ...fault, name: `API server down, ${fault.name}`, ...fault.seconds && { seconds: Math.min(fault.seconds, MOST_SECONDS_WITHOUT_API) } };
}

async function measured(
  context: ScenarioContext, edge: EdgeUnderTest, fault: HostFault, findings: Findings, settled: () => Promise<void>,
): Promise<void> {
  const name = `${edge.example.engine}, ${fault.name}`;
  const rounds = await repeat({ ...context, rounds: Math.min(context.rounds, fault.rounds ?? Infinity) }, edge, { ...fault, name }, settled);
  findings.spread(`${name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: fault.bound });
  findings.add(`${name}: outage when it is over, worst`, Math.max(...rounds.map(({ afterwards }) => afterwards)), 's', ANSWERS_AGAIN);
  findings.add(`${name}: two masters when it is over, worst`, Math.max(...rounds.map(({ twoMasters }) => twoMasters)), 's', twoMastersBound(ADVERT));
  const stayed = rounds.filter(({ moved }) => !moved).length;
  findings.add(`${name}: rounds in which the address stayed, of ${rounds.length}`, stayed, 'rounds', fault.mayStay ? {} : { goal: 0 });
}

/** The pods of the edge start again, because a container keeps the log that it has. The edge is gone afterwards: kubelet cannot end a pod whose logs are gone. */
async function withLogsInMemory({ edges }: ScenarioContext, edge: EdgeUnderTest, work: () => Promise<void>): Promise<void> {
  const back: (() => Promise<void>)[] = [];
  try {
    for (const node of edge.nodes) back.push(await logsInMemory(node));
    await rollOut(edge, 'front-proxy');
    await rollOut(edge, 'virtual-ip');
    await work();
  } finally {
    await edges.clear();
    await undoAll(back);
  }
}
