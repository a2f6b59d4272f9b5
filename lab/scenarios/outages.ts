// outages: while the API server or cluster DNS is down, the edge serves, and failover takes as long as usual

import { sleep, undo } from '../cluster/commands';
import { kill, processesOfPod } from '../cluster/machine';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { HA_EDGE } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { CABLE_PULLED, Fault, repeat, takenOverBound, twoMastersBound } from '../traffic/faults';
import { failuresAround, load, now, probe } from '../traffic/measure';

/** Load during all faults: 400 new connections a second. */
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
      findings.add(`${fault.name}: two masters after the repair, worst`, two, 's', twoMastersBound(0.2));
      findings.add(`${fault.name}: outage after the repair, worst`, Math.max(...rounds.map(({ afterwards }) => afterwards)), 's');
    }
  } finally {
    await undo(async () => controlPlane.startApiServer());
  }
  await edge.settled(120); // kubelets have to report to the API server first
}

const cablePulled: Fault = { ...CABLE_PULLED, name: `API server down, ${CABLE_PULLED.name}` };

const keepalivedKilled: Fault = {
  name: 'API server down, keepalived killed (SIGKILL)',
  endsKeepalived: true,
  harm: async (edge, holder) => kill(edge.keepalivedProcesses(holder)[0]),
};

/** Stops the processes of cluster DNS, so that queries time out. A refused query would fail sooner. */
async function withoutDns({ progress, profile }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const seconds = profile.dnsOutageSeconds;
  await edge.balanced(); // a proxy cannot look up a gateway while DNS is down
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
  findings.add(`${name}, gateway pod killed then: new connections lost`, later, '', { goal: 0 });
  findings.add(`${name}, gateway pod killed then: open connections that broke`, underWay + dying, '');
  findings.add(`${name}: requests of the load that failed, also by the kill, of ${seen.requests}`, seen.failed, '');
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

/** After DNS is back, the gateway that replaced the killed one gets requests. */
async function newGatewayServes(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const at = now();
  await edge.balanced();
  findings.add('cluster DNS back: every gateway serves after', now() - at, 's', { limit: 30, because: 'DNS time to live, health check' });
}
