// check-faults: a node whose health check cannot run never holds the virtual IP, even if the other node is lost

import { run, sleep, undo, until } from '../cluster/commands';
import { kill, readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';
import { KubeObject, writeObjects } from '../cluster/objects';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Bound, Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { PROXY_DEAD, PROXY_HUNG } from '../traffic/faults';
import { givenUpAfter, heldAfter, now, watchHolders } from '../traffic/measure';
import { VipsReport } from '../traffic/reports';

const AT_ONCE = { limit: 0.2, because: 'SIGTERM, and 200 ms to say so' };
const NO_LIFE = { limit: 6 + 0.2, because: 'the fifth look without life, one a second, and 200 ms to start them and move' };

/** The change of the container after which keepalived's check cannot run. */
const UPDATES: { [what: string]: (container: KubeObject['spec']) => void } = {
  'image without curl and wget': container => {
    container.securityContext.readOnlyRootFilesystem = false;
    container.command = ['/bin/sh', '-c', 'rm -f /usr/bin/wget /usr/bin/curl && exec "$@"', 'remove', ...container.command];
  },
  'capability SETGID missing': container => {
    const { capabilities } = container.securityContext;
    capabilities.add = capabilities.add.filter((name: string) => name !== 'SETGID');
  },
};

interface Loss {
  readonly name: string;
  readonly bound: Bound & { readonly limit: number };
  /** Whether the container restarts and is then healthy. @default false */
  readonly heals?: boolean;
  /** Returns what repairs the fault, if a new container does not. */
  lose(on: Victim): Promise<(() => void) | void>;
}

interface Victim {
  readonly node: Node;
  readonly keepalived: number;
  /** Processes of its front proxy. */
  readonly proxy: number[];
}

/** What a running keepalived loses. */
const LOSSES: Loss[] = [
  {
    name: 'wget lost while it runs',
    bound: { ...PROXY_DEAD, goal: undefined },
    lose: async ({ keepalived }) => {
      await inContainer(keepalived, ['mount', '-o', 'remount,rw', '/']);
      await inContainer(keepalived, ['rm', '/usr/bin/wget']);
    },
  },
  { name: 'shell lost while it runs, and the front proxy hangs', bound: { ...PROXY_HUNG, goal: undefined }, lose: loseShell },
  { name: 'checker killed', bound: AT_ONCE, heals: true, lose: async ({ node }) => toChecker(node, 'SIGKILL') },
  { name: 'checker stopped (SIGSTOP)', bound: NO_LIFE, lose: async ({ node }) => toChecker(node, 'SIGSTOP') },
];

export const checkFaults: Scenario = {
  name: 'check-faults',
  title: 'health check without its tool, its shell or its capability: the node never holds the virtual IP',
  run: async context => {
    const findings = new Findings('check-faults', context.profile);
    const edge = await context.edges.use(HA_EDGE, { gatewaysOn: 'worker' });
    for (const [what, change] of Object.entries(UPDATES)) {
      const held = await broken(edge, change);
      context.progress.say(`${what}: held for ${held.toFixed(3)} s`);
      findings.add(`update, ${what}: the node holds the address, other node lost included`, held, 's', { goal: 0 });
    }
    for (const loss of LOSSES) {
      await lost(context, edge, loss, findings);
    }
    return findings.results;
  },
};

/** Seconds for which the updated node held the address. The rollout stops there, so the other node is healthy. */
async function broken(edge: EdgeUnderTest, change: (container: KubeObject['spec']) => void): Promise<number> {
  const good = edge.workload('virtual-ip');
  const bad = structuredClone(good);
  change(bad.spec.template.spec.containers[0]);
  const before = new Map(edge.nodes.map(node => [node, edge.keepalivedProcesses(node)[0]]));
  const holders = watchHolders(edge.cluster, edge.example.address, 60);
  let node: Node | undefined;
  await push(edge, bad);
  await until('the update reaches a node', 30, () => {
    node = edge.nodes.find(one => edge.keepalivedProcesses(one)[0] !== before.get(one));
    return node !== undefined;
  }, 20);
  const since = now() + 0.2; // the old one takes its address away as it ends
  await sleep(6000);
  await withoutTheOther(edge, node!);
  const seen = await holders.end();
  await push(edge, good);
  await edge.rolledOut(60);
  await edge.settled();
  return heldAfter(seen, node!.name, since);
}

/** Pulls the cable of the node that could hold the address, for a while. */
async function withoutTheOther(edge: EdgeUnderTest, node: Node): Promise<void> {
  const other = edge.other(node);
  await other.pullCable();
  try {
    await sleep(3000);
  } finally {
    await undo(async () => other.plugCable());
  }
}

async function lost({ progress, rounds, profile }: ScenarioContext, edge: EdgeUnderTest, loss: Loss, findings: Findings): Promise<void> {
  const { name, bound } = loss;
  const givenUp: number[] = [];
  const held: number[] = [];
  for (let i = 1; i <= rounds; i++) {
    await edge.settled();
    const holder = await edge.holder();
    const [keepalived] = edge.keepalivedProcesses(holder);
    const proxy = await edge.frontProcesses(holder);
    const holders = watchHolders(edge.cluster, edge.example.address, 60);
    await sleep(300);
    const at = now();
    const mend = await loss.lose({ node: holder, keepalived, proxy });
    await sleep(7000);
    if (!loss.heals) await withoutTheOther(edge, holder);
    const seen: VipsReport = await holders.end();
    kill(keepalived); // a new container has everything again
    mend?.();
    givenUp.push(givenUpAfter(seen, holder.name, at));
    held.push(heldAfter(seen, holder.name, at + bound.limit + profile.slackSeconds));
    progress.say(`${name} ${i}/${rounds}: given up after ${givenUp[i - 1].toFixed(3)} s, held for ${held[i - 1].toFixed(3)} s when it should not be`);
  }
  findings.spread(`${name}: the node gives the address up`, givenUp, 's', { worst: bound });
  findings.add(`${name}: it holds the address later, other node lost included, worst`, Math.max(...held), 's', { goal: 0 });
}

async function push(edge: EdgeUnderTest, object: KubeObject): Promise<void> {
  await edge.cluster.apply(writeObjects([object]), '--server-side', '--force-conflicts');
}

/** A running checker may not need what was removed. It still reports correctly, here that the proxy hangs. */
async function loseShell({ keepalived, proxy }: Victim): Promise<() => void> {
  await inContainer(keepalived, ['mount', '-o', 'bind', '/dev/null', '/usr/bin/busybox']);
  proxy.forEach(pid => kill(pid, 'SIGSTOP'));
  return () => proxy.forEach(pid => kill(pid, 'SIGCONT'));
}

async function toChecker(node: Node, signal: NodeJS.Signals): Promise<void> {
  const checkers = node.processes('sh').filter(pid => readOrEmpty(`/proc/${pid}/cmdline`).includes('/etc/keepalived-checker.sh'));
  if (checkers.length === 0) throw new Error(`no checker runs on ${node.name}`);
  checkers.forEach(pid => kill(pid, signal));
}

async function inContainer(pid: number, argv: string[]): Promise<void> {
  await run(['nsenter', `--target=${pid}`, '--mount', '--pid', '--', '/usr/bin/busybox', ...argv]);
}
