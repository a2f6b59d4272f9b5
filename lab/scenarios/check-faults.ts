// check-faults: a node whose health check cannot run never holds the virtual IP, not even when the other node is lost

import { run, sleep, undo, until } from '../commands';
import { EdgeUnderTest } from '../edge-under-test';
import { HA_EDGE, KubeObject, writeObjects } from '../examples';
import { kill } from '../machine';
import { givenUpAfter, heldAfter, now, watchHolders } from '../measure';
import { Node } from '../node';
import { VipsReport } from '../reports';
import { Findings } from '../results';
import { Scenario, ScenarioContext } from '../scenario';

/** As in proxy-faults: two checks, the skew. */
const NOTICED = { limit: 2 + 0.1 + 0.2, because: '2 checks, skew, and 200 ms to start and end them' };

/** An update of keepalived whose check cannot run: what is changed in the container. */
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

/** What is lost under a keepalived that runs: a command that BusyBox in the container runs with all privileges of this machine. */
const LOSSES: { [what: string]: (keepalived: number) => Promise<void> } = {
  'wget lost while it runs': async keepalived => {
    await inContainer(keepalived, ['mount', '-o', 'remount,rw', '/']);
    await inContainer(keepalived, ['rm', '/usr/bin/wget']);
  },
  'shell lost while it runs': async keepalived => inContainer(keepalived, ['mount', '-o', 'bind', '/dev/null', '/usr/bin/busybox']),
};

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
    for (const [what, lose] of Object.entries(LOSSES)) {
      await lost(context, edge, what, lose, findings);
    }
    return findings.results;
  },
};

/** Seconds for which the node that the update reached held the address. The rollout stops there, so the other node is well. */
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

/** The one that could hold the address loses its cable for a while. */
async function withoutTheOther(edge: EdgeUnderTest, node: Node): Promise<void> {
  const other = edge.other(node);
  await other.pullCable();
  try {
    await sleep(3000);
  } finally {
    await undo(async () => other.plugCable());
  }
}

async function lost(
  { progress, rounds, profile }: ScenarioContext, edge: EdgeUnderTest, what: string, lose: (keepalived: number) => Promise<void>, findings: Findings,
): Promise<void> {
  const givenUp: number[] = [];
  const held: number[] = [];
  for (let i = 1; i <= rounds; i++) {
    await edge.settled();
    const holder = await edge.holder();
    const [keepalived] = edge.keepalivedProcesses(holder);
    const holders = watchHolders(edge.cluster, edge.example.address, 60);
    await sleep(300);
    const at = now();
    await lose(keepalived);
    await sleep(5000);
    await withoutTheOther(edge, holder);
    const seen: VipsReport = await holders.end();
    kill(keepalived); // a new container has everything again
    givenUp.push(givenUpAfter(seen, holder.name, at));
    held.push(heldAfter(seen, holder.name, at + NOTICED.limit + profile.slackSeconds));
    progress.say(`${what} ${i}/${rounds}: given up after ${givenUp[i - 1].toFixed(3)} s, held for ${held[i - 1].toFixed(3)} s when it should not be`);
  }
  findings.spread(`${what}: the node gives the address up`, givenUp, 's', { worst: NOTICED });
  findings.add(`${what}: it holds the address later, other node lost included, worst`, Math.max(...held), 's', { goal: 0 });
}

async function push(edge: EdgeUnderTest, object: KubeObject): Promise<void> {
  await edge.cluster.apply(writeObjects([object]), '--server-side', '--force-conflicts');
}

async function inContainer(pid: number, argv: string[]): Promise<void> {
  await run(['nsenter', `--target=${pid}`, '--mount', '--pid', '--', '/usr/bin/busybox', ...argv]);
}
