// loopback: a front proxy and a gateway on each node, the gateway on 127.0.0.1 without any privilege. Nobody reaches it from outside, nobody can
// claim another address; when it is replaced or dies, the virtual IP moves to the node whose gateway serves

import { EdgeUnderTest } from '../edge-under-test';
import { Fault, repeat } from '../faults';
import { Findings } from '../findings';
import { kill, processesOfPod, readOrEmpty } from '../machine';
import { begun, load, probe, watchHolders } from '../measure';
import { LoadReport, ProbeReport, VipsReport } from '../reports';
import { Scenario, ScenarioContext } from '../scenario';
import { CLIENT_ADDRESS } from '../topology';
import { rollOut } from '../updates';
import { loopbackBehind } from '../variants/loopback';

/** Whom `labtool --forge` claims to be. */
const FORGED = '203.0.113.77';
const GATEWAY_PORTS = [10080, 10443];
const RIGHTS = 'uid 1337, no capability';
/** Each connection that fails is counted by itself; beside it, as many again as matter to two cores. */
const CLIENT = ['--tls', '--interval', '20ms', '--merge', '0s', '--timeout', '3s'];
const LOAD = ['--tls', '--workers', '8', '--rate', '100'];
/** What a whole request takes where nothing is wrong, generously. */
const LONGEST_REQUEST_SECONDS = 0.5;
const MOST_SECONDS = 240;
const DEAD = { goal: 1, limit: 3 * 0.2 + 0.2, because: '3 × interval, and 200 ms to start the questions and move' };

/** What replacing the gateways has cost. */
interface Cost {
  readonly probes: number;
  readonly moves: number;
  /** Connections that broke because they had begun when the address moved. */
  readonly underWay: number;
  /** All others that failed. */
  readonly lost: number;
}

export const loopback: Scenario = {
  name: 'loopback',
  title: 'gateways on 127.0.0.1 behind each front proxy: out of reach, no forged client, replaced and killed under load',
  run: async context => {
    const findings = new Findings('loopback', context.profile);
    for (const { engine } of context.profile.faultyFronts) {
      const example = loopbackBehind(engine);
      const edge = context.cluster.istioFiles ? await context.edges.useWithIstio(example) : await context.edges.use(example);
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
  const processes = (await edge.pods('gateway')).flatMap(({ uid }) => processesOfPod(uid)).filter(pid => !isPause(pid));
  const wrong = processes.filter(pid => !/^Uid:\t1337\b[^]*^CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+$/m.test(readOrEmpty(`/proc/${pid}/status`)));
  findings.add(`${title(edge)}: processes of gateways that are not ${RIGHTS}, of ${processes.length}`, wrong.length, 'processes', { goal: 0 });
}

async function judgeReach({ cluster, ...edge }: EdgeUnderTest, findings: Findings): Promise<void> {
  const targets = [edge.example.address, ...cluster.edges.map(({ spec }) => spec.ipv4)].flatMap(address => GATEWAY_PORTS.map(port => `${address}:${port}`));
  const seen = await Promise.all(targets.map(async target => requests(cluster, target, 1, '--connect-only')));
  const open = seen.filter(({ failedBy }) => failedBy['connect:refused'] !== 1).length;
  findings.add(`${title(edge)}: ports of gateways that do not refuse, of ${targets.length}`, open, 'ports', { goal: 0 });
}

/** The true address arrives; one that a client claims ahead of its bytes is no header but a bad request, whose sender gets no answer. */
async function judgeClients(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  for (const [port, flags] of [[80, []], [443, ['--tls']]] as const) {
    const honest = await requests(edge.cluster, edge.target(port), 200, ...flags);
    // Istio redirects from 80 by itself: the service is asked, and told who asks, on 443
    const unknown = honest.requests - (honest.clients[CLIENT_ADDRESS.ipv4] ?? 0) - redirected(honest);
    findings.add(`${title(edge)}: requests to ${port} not answered, or whose client is not known, of ${honest.requests}`, unknown, 'requests', { goal: 0 });
    for (const version of ['v1', 'v2']) {
      const forged = await requests(edge.cluster, edge.target(port), 50, ...flags, '--forge', version);
      findings.add(`${title(edge)}: forged PROXY ${version} headers to ${port} that were believed, of ${forged.requests}`, forged.clients[FORGED] ?? 0, 'requests', { goal: 0 });
      const answered = forged.ok + redirected(forged);
      findings.add(`${title(edge)}: forged PROXY ${version} headers to ${port} that were answered, of ${forged.requests}`, answered, 'requests', { goal: 0 });
    }
  }
}

/** The virtual IP leaves before the gateway goes, so that nobody meets the seconds in which its node has none. */
async function replaced({ cluster, progress, rounds }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const seen: (Cost & { readonly longestOutage: number })[] = [];
  for (let i = 1; i <= rounds; i++) {
    await edge.settled();
    const [client, pressure, holders] = await begun(
      probe(cluster, edge.target(443), MOST_SECONDS, ...CLIENT),
      load(cluster, edge.target(443), MOST_SECONDS, ...LOAD),
      watchHolders(cluster, edge.example.address, MOST_SECONDS),
    );
    const seconds = await rollOut(edge, 'gateway');
    const [probed, loaded, held] = [await client.end(), await pressure.end(), await holders.end()];
    seen.push({ ...costOf(probed, held), longestOutage: probed.longestOutageSeconds });
    const { lost, underWay, probes, moves } = seen[i - 1];
    progress.say(`${title(edge)}, gateways replaced ${i}/${rounds} in ${seconds.toFixed(1)} s, ${moves} moves: ${lost} new connections lost of ${probes}, ${underWay} broken; load: ${loaded.failed} of ${loaded.requests} ${JSON.stringify(loaded.failedBy)}`);
  }
  const sum = (part: keyof Cost) => seen.reduce((total, one) => total + one[part], 0);
  const what = `${title(edge)}, gateways replaced under load`;
  findings.add(`${what}: new connections lost, of ${sum('probes')}`, sum('lost'), 'connections', { goal: 0 });
  findings.add(`${what}: connections under way that the ${sum('moves')} moves of the VIP broke`, sum('underWay'), 'connections');
  findings.spread(`${what}: longest outage by way of the VIP`, seen.map(({ longestOutage }) => longestOutage), 's');
}

/** A connection that has begun on the node that the address leaves cannot go on at the next one. */
function costOf({ outages, probes }: ProbeReport, { changes }: VipsReport): Cost {
  const moves = changes.slice(1).filter(({ holders }, i) => changes[i].holders.some(name => !holders.includes(name))).map(({ at }) => at);
  const underWay = outages.filter(({ at }) => moves.some(move => at < move && move - at < LONGEST_REQUEST_SECONDS)).length;
  return { probes, moves: moves.length, underWay, lost: outages.length - underWay };
}

async function killed(context: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const fault: Fault = {
    name: `${title(edge)}: gateway killed`,
    seconds: 6,
    harm: async (_, holder) => {
      const { uid } = await edge.podOn(holder, 'gateway');
      processesOfPod(uid).filter(pid => !isPause(pid)).forEach(pid => kill(pid));
    },
  };
  const rounds = await repeat(context, edge, fault);
  findings.spread(`${fault.name}: served again`, rounds.map(({ outage }) => outage), 's', { worst: DEAD });
}

async function requests(cluster: EdgeUnderTest['cluster'], target: string, count: number, ...flags: string[]): Promise<LoadReport> {
  return cluster.fromClient<LoadReport>(['load', '--target', target, '--count', `${count}`, '--workers', '4', '--duration', '30s', ...flags], 40);
}

function redirected({ failedBy }: LoadReport): number {
  return failedBy['status:301'] ?? 0;
}

function title({ example, istio }: Pick<EdgeUnderTest, 'example' | 'istio'>): string {
  return `${istio ? 'Istio ' : ''}behind ${example.engine}`;
}

/** A pod's pause container is not the gateway. */
function isPause(pid: number): boolean {
  return readOrEmpty(`/proc/${pid}/cmdline`).includes('\0pause');
}
