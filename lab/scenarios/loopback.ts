// loopback: each node runs a front proxy, and a gateway on 127.0.0.1 without privileges. Clients cannot reach the gateway, and cannot forge
// their address. When a gateway is replaced or dies, the virtual IP moves to a node whose gateway serves

import { containerProcesses, kill, readOrEmpty } from '../cluster/machine';
import { CLIENT_ADDRESS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { rollOut } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { Fault, PROXY_DEAD, repeat } from '../traffic/faults';
import { addRollouts, Rollout, measureRollout } from '../traffic/gateway-rollout';
import { requests } from '../traffic/measure';
import { LoadReport } from '../traffic/reports';
import { loopbackBehind } from '../variants/loopback';
import { managedOnLoopback } from '../variants/managed';

/** The address that `labtool --forge` claims. */
const FORGED = '203.0.113.77';
const GATEWAY_PORTS = [10080, 10443];
const RIGHTS = 'uid 1337, no capability';
const DEAD = { ...PROXY_DEAD, goal: 1 };

export const loopback: Scenario = {
  name: 'loopback',
  title: 'gateways on 127.0.0.1 behind each front proxy: out of reach, no forged client, replaced under load, and killed',
  run: async context => {
    const findings = new Findings('loopback', context.profile);
    const fronts = context.profile.faultyFronts.map(({ engine }) => engine);
    const deployed = context.profile.name === 'full' ? [managedOnLoopback('envoy')] : [];
    for (const example of [...fronts.map(loopbackBehind), ...deployed]) {
      const edge = await context.edges.useWithIstio(example);
      await judgeRights(edge, findings);
      await judgeReach(edge, findings);
      await judgeClients(edge, findings);
      await replaced(context, edge, findings);
      await killed(context, edge, findings);
    }
    return findings.results;
  },
};

async function judgeRights(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const processes = (await edge.pods('gateway')).flatMap(({ uid }) => containerProcesses(uid));
  const wrong = processes.filter(pid => !/^Uid:\t1337\b[^]*^CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+$/m.test(readOrEmpty(`/proc/${pid}/status`)));
  findings.add(`${title(edge)}: processes of gateways that are not ${RIGHTS}, of ${processes.length}`, wrong.length, 'processes', { goal: 0 });
}

async function judgeReach({ cluster, ...edge }: EdgeUnderTest, findings: Findings): Promise<void> {
  const targets = [edge.example.address, ...cluster.edges.map(({ spec }) => spec.ipv4)].flatMap(address => GATEWAY_PORTS.map(port => `${address}:${port}`));
  const seen = await Promise.all(targets.map(async target => requests(cluster, target, 1, '--connect-only')));
  const open = seen.filter(({ failedBy }) => failedBy['connect:refused'] !== 1).length;
  findings.add(`${title(edge)}: ports of gateways that do not refuse, of ${targets.length}`, open, 'ports', { goal: 0 });
}

/** The service sees the client's address. A PROXY header from a client is a bad request and gets no answer. */
async function judgeClients(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  for (const [port, flags] of [[80, []], [443, ['--tls']]] as const) {
    const honest = await requests(edge.cluster, edge.target(port), 200, ...flags);
    // Istio answers 80 with a redirect; only requests on 443 reach the service
    const unknown = honest.requests - (honest.clients[CLIENT_ADDRESS.ipv4] ?? 0) - redirected(honest);
    findings.add(`${title(edge)}: requests to ${port} not answered, or without the client's address, of ${honest.requests}`, unknown, 'requests', { goal: 0 });
    for (const version of ['v1', 'v2']) {
      const forged = await requests(edge.cluster, edge.target(port), 50, ...flags, '--forge', version);
      findings.add(`${title(edge)}: forged PROXY ${version} headers to ${port} that were believed, of ${forged.requests}`, forged.clients[FORGED] ?? 0, 'requests', { goal: 0 });
      const answered = forged.ok + redirected(forged);
      findings.add(`${title(edge)}: forged PROXY ${version} headers to ${port} that were answered, of ${forged.requests}`, answered, 'requests', { goal: 0 });
    }
  }
}

/** The virtual IP leaves a node before its gateway ends, so no client connects to a node without a gateway. */
async function replaced({ progress, rounds }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const rollouts: Rollout[] = [];
  for (let i = 1; i <= rounds; i++) {
    await edge.settled();
    const rollout = await measureRollout(edge, () => rollOut(edge, 'gateway'));
    rollouts.push(rollout);
    const { lost, broken, probes, moves, seconds, timeline } = rollout;
    progress.say(`${title(edge)}, gateways replaced ${i}/${rounds} in ${seconds.toFixed(1)} s, ${moves} moves: ${lost} new connections lost of ${probes}, ${broken} broken: ${timeline}`);
  }
  addRollouts(findings, `${title(edge)}, gateways replaced, asked 50 times a second`, rollouts);
}

async function killed(context: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const fault: Fault = {
    name: `${title(edge)}: gateway killed`,
    seconds: 6,
    harm: async (_, holder) => {
      const { uid } = await edge.podOn(holder, 'gateway');
      containerProcesses(uid).forEach(pid => kill(pid));
    },
  };
  const rounds = await repeat(context, edge, fault);
  findings.spread(`${fault.name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: DEAD });
}

function redirected({ failedBy }: LoadReport): number {
  return failedBy['status:301'] ?? 0;
}

function title({ example }: Pick<EdgeUnderTest, 'example'>): string {
  return example.name.includes('(') ? example.name : `${example.name} (${example.engine})`;
}
