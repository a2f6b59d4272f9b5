// proxy-faults: the front proxy on the node that holds the virtual IP dies, hangs, or answers wrongly. The other node serves

import { run } from '../cluster/commands';
import { kill, readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Bound, Findings } from '../findings';
import { Scenario } from '../scenario';
import { Fault, PROXY_DEAD, PROXY_HUNG, repeat, twoMastersBound } from '../traffic/faults';

/** A port on which nothing listens, and one on which another process answers. */
const CLOSED_PORT = 9;
const STRANGE_PORT = 15999;

const FAULTS: (Fault & { readonly bound: Bound })[] = [
  { name: 'killed', bound: PROXY_DEAD, seconds: 3, harm: async (edge, holder) => toAll(edge, holder, 'SIGKILL') },
  { name: 'killed, and kubelet does not restart it', bound: PROXY_DEAD, seconds: 3, harm: killForGood },
  {
    name: 'hung (SIGSTOP)',
    bound: PROXY_HUNG,
    seconds: 3,
    harm: async (edge, holder) => {
      await toAll(edge, holder, 'SIGSTOP');
      return async () => toAll(edge, holder, 'SIGCONT');
    },
  },
  { name: 'alive but sick: ports refuse, health check answers 404', bound: PROXY_DEAD, seconds: 3, harm: sicken },
];

export const proxyFaults: Scenario = {
  name: 'proxy-faults',
  title: 'front proxy killed, hung, alive but sick: how long until the client is served again',
  run: async context => {
    const findings = new Findings('proxy-faults', context.profile);
    for (const one of context.profile.faultyFronts) {
      const edge = await context.edges.use(one, { gatewaysOn: 'worker' });
      for (const { bound, ...fault } of FAULTS) {
        const rounds = await repeat(context, edge, { ...fault, name: `${one.engine} ${fault.name}` });
        const name = `${one.name}, ${one.engine} ${fault.name}`;
        findings.spread(`${name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: bound });
        const stayed = rounds.filter(({ moved }) => !moved).length;
        findings.add(`${name}: rounds in which the address stayed`, stayed, 'rounds', fault.name === 'killed' ? {} : { goal: 0 });
        findings.add(`${name}: two masters once mended, worst`, Math.max(...rounds.map(({ twoMasters }) => twoMasters)), 's', twoMastersBound(0.2));
        findings.add(`${name}: outage when it is mended, worst`, Math.max(...rounds.map(({ afterwards }) => afterwards)), 's', { goal: 0.2 });
      }
    }
    return findings.results;
  },
};

async function toAll(edge: EdgeUnderTest, node: Node, signal: NodeJS.Signals): Promise<void> {
  const processes = await edge.frontProcesses(node);
  if (processes.length === 0) throw new Error(`${edge.example.engine} does not run on ${node.name}`);
  processes.forEach(pid => kill(pid, signal));
}

/** Measures the virtual IP alone, because kubelet can restart the proxy before two checks have failed. */
async function killForGood(edge: EdgeUnderTest, node: Node): Promise<() => Promise<void>> {
  const kubelets = node.processes('kubelet');
  const processes = await edge.frontProcesses(node);
  kubelets.forEach(pid => kill(pid, 'SIGSTOP'));
  processes.forEach(pid => kill(pid));
  return async () => kubelets.forEach(pid => kill(pid, 'SIGCONT'));
}

/** The same for every engine: the node's ports lead to a closed port, and its health port to a process that answers 404. */
async function sicken(edge: EdgeUnderTest, node: Node): Promise<() => Promise<void>> {
  const health = `127.0.0.1:${STRANGE_PORT}`;
  node.daemon('strange', [edge.cluster.labtool, 'backend', '--http=', '--https=', `--health=${health}`, '--grace=0s']);
  const rules = `table inet sick {
  chain in { type nat hook prerouting priority -110; tcp dport { 80, 443 } redirect to :${CLOSED_PORT}; }
  chain out { type nat hook output priority -110; oif lo tcp dport 340 redirect to :${STRANGE_PORT}; }
}`;
  await run(node.inNetwork(['nft', '-f', '-']), { input: rules });
  return async () => {
    await run(node.inNetwork(['nft', 'delete', 'table', 'inet', 'sick']));
    node.processes('labtool').filter(pid => isStrange(pid)).forEach(pid => kill(pid));
  };
}

function isStrange(pid: number): boolean {
  return readOrEmpty(`/proc/${pid}/cmdline`).includes(`:${STRANGE_PORT}`);
}
