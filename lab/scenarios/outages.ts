// outages: without the API server or without cluster DNS, the edge still serves, and every fault ends as usual

import { sleep, undo } from '../cluster/commands';
import { kill, processesOfPod } from '../cluster/machine';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Fault, repeat, takenOverBound, twoMastersBound } from '../traffic/faults';
import { failuresAround, load, now, probe } from '../traffic/measure';

/** New connections a second during all faults. */
const RATE = ['--workers', '8', '--rate', '400'];
const MOVED = takenOverBound(0.2);

export const outages: Scenario = {
  name: 'outages',
  title: 'API server down for the whole fault; cluster DNS down for minutes',
  run: async context => {
    const findings = new Findings('outages', context.profile);
    const edge = await context.edges.use(HA_EDGE, { gatewaysOn: 'worker' });
    await withoutApiServer(context, edge, findings);
    await withoutDns(context, edge, findings);
    return findings.results;
  },
};

async function withoutApiServer(context: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { controlPlane } = edge.cluster;
  const front = await Promise.all(edge.nodes.map(async node => [node.name, await edge.frontProcesses(node)] as const));
  const hung: Fault = {
    name: 'API server down, envoy hung (SIGSTOP)',
    seconds: 6,
    harm: async (_, holder) => {
      const processes = new Map(front).get(holder.name)!;
      processes.forEach(pid => kill(pid, 'SIGSTOP'));
      return async () => processes.forEach(pid => kill(pid, 'SIGCONT'));
    },
  };
  await controlPlane.stopApiServer();
  try {
    const client = load(edge.cluster, edge.target(), 30, ...RATE);
    await sleep(10_000);
    const seen = await client.end();
    findings.add(`API server down: new connections lost, of ${seen.requests}`, seen.failed, '', { goal: 0 });
    for (const [fault, bound] of [[cablePulled, MOVED], [keepalivedKilled, MOVED], [hung, { goal: 3.5 }]] as const) {
      const rounds = await repeat(context, edge, fault, async () => edge.settledByItself());
      findings.spread(`${fault.name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: bound });
      const two = Math.max(...rounds.map(({ twoMasters }) => twoMasters));
      findings.add(`${fault.name}: two masters once mended, worst`, two, 's', twoMastersBound(0.2));
      findings.add(`${fault.name}: outage when it is mended, worst`, Math.max(...rounds.map(({ afterwards }) => afterwards)), 's');
    }
  } finally {
    await undo(async () => controlPlane.startApiServer());
  }
  await edge.settled(120); // kubelets have to tell the API server that they are well
}

const cablePulled: Fault = {
  name: 'API server down, cable pulled',
  harm: async (_, holder) => {
    await holder.pullCable();
    return async () => holder.plugCable();
  },
};

const keepalivedKilled: Fault = {
  name: 'API server down, keepalived killed (SIGKILL)',
  endsKeepalived: true,
  harm: async (edge, holder) => kill(edge.keepalivedProcesses(holder)[0]),
};

/** Its processes are stopped: a query gets no answer, which is worse than a refusal. */
async function withoutDns({ progress, profile }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const seconds = profile.dnsOutageSeconds;
  await edge.balanced(); // an address that a proxy has not learnt yet, it cannot learn now
  const dns = await dnsProcesses(edge);
  const client = load(edge.cluster, edge.target(), seconds + 60, ...RATE);
  const shots = probe(edge.cluster, edge.target(443), seconds + 60, '--tls', '--merge', '0s', '--interval', '10ms', '--timeout', '3s');
  dns.forEach(pid => kill(pid, 'SIGSTOP'));
  let killed = 0;
  try {
    await sleep(seconds / 2 * 1000);
    killed = await killGateway(edge);
    await sleep(seconds / 2 * 1000);
  } finally {
    await undo(async () => dns.forEach(pid => kill(pid, 'SIGCONT')));
  }
  await sleep(500);
  const [seen, probed] = await Promise.all([client.end(), shots.end()]);
  progress.say(`cluster DNS down ${seconds} s: ${seen.failed} of ${seen.requests} lost, ${probed.bad} of ${probed.probes} probes ${JSON.stringify(seen.failedBy)}`);
  const name = `cluster DNS down ${seconds} s`;
  const { before, underWay, dying, later } = failuresAround(probed, killed);
  findings.add(`${name}: new connections lost, of ${probed.probes}`, before, '', { goal: 0 });
  findings.add(`${name}, gateway pod killed meanwhile: new connections lost`, later, '', { goal: 0 });
  findings.add(`${name}, gateway pod killed meanwhile: connections under way that broke`, underWay + dying, '');
  findings.add(`${name}: requests of the load that failed, the kill included, of ${seen.requests}`, seen.failed, '');
  findings.add(`${name}: longest time without an answer under load`, seen.longestGapMs / 1000, 's', { limit: 0.5, because: 'two connect timeouts' });
  await newGatewayServes(edge, findings);
}

async function dnsProcesses(edge: EdgeUnderTest): Promise<number[]> {
  const uids = await edge.cluster.kubectl(['-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', 'jsonpath={.items[*].metadata.uid}']);
  const processes = uids.split(' ').flatMap(uid => processesOfPod(uid));
  if (processes.length === 0) throw new Error('cluster DNS has no process');
  return processes;
}

async function killGateway(edge: EdgeUnderTest): Promise<number> {
  const [pod] = await edge.pods('gateway');
  const processes = processesOfPod(pod.uid);
  processes.forEach(pid => kill(pid));
  return now();
}

/** When DNS answers again, a gateway that started meanwhile gets its share. */
async function newGatewayServes(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const at = now();
  await edge.balanced();
  findings.add('cluster DNS back: every gateway serves after', now() - at, 's', { limit: 30, because: 'DNS time to live, health check' });
}
