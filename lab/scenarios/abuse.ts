// abuse: clients that misbehave. They open thousands of connections and say nothing, leave handshakes half done, flood with SYN packets, send garbage
// instead of TLS and HTTP, and claim to be others. A pod claims the same at the gateway itself. Another client is served meanwhile

import { run, sleep } from '../cluster/commands';
import { processesOfPod, readOrEmpty } from '../cluster/machine';
import { podsIn } from '../cluster/pods';
import { CLIENT_ADDRESS, LAN_PREFIX_LENGTHS } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { withNetworkPolicies } from '../edge/network-policy';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { begun, requests, Running, watchHolders } from '../traffic/measure';
import { LoadReport } from '../traffic/reports';
import { attacked } from '../variants/attacked';

/** The address that forged headers claim. */
const FORGED = '203.0.113.77';
const MOST_SECONDS = 60;
/** Long enough to open all connections, and for keepalived's check to fail. */
const ABUSE_SECONDS = 4;
/** New connections a second. The client shares its processors with the node, and a faster one would take them from it. */
const OPENING = ['--rate', '3000'];
/** Connections of a client that behaves, on each port. A lost SYN packet comes again after a second, which counts as not served. */
const POLITE = 40;
const POLITE_FLAGS = ['--rate', '20', '--timeout', '1s'];
const GATEWAY_PORT = 8080;
/** The machines have other addresses. */
const SPOOFED = `192.0.2.208/${LAN_PREFIX_LENGTHS.ipv4 + 4}`;
const SYN_RATE = 8000;

/** What `labtool abuse` prints. */
interface AbuseReport {
  readonly opened: number;
  readonly silent: number;
  readonly failed: { [how: string]: number };
  readonly clients: { [address: string]: number };
}

type Add = Findings['add'];

interface Abuse {
  readonly name: string;
  start(edge: EdgeUnderTest): Promise<Running<unknown>[]>;
  /** Gets what the ones that `start` returned have reported. */
  judge(seen: never[], add: Add): void;
}

export const abuse: Scenario = {
  name: 'abuse',
  title: 'clients that misbehave: silence, half a handshake, SYN packets, garbage, forged and huge headers; another client is served meanwhile',
  run: async context => {
    const findings = new Findings('abuse', context.profile);
    for (const { engine } of context.profile.faultyFronts) {
      const edge = await context.edges.use(attacked(engine), { gatewaysOn: 'worker' });
      for (const one of ABUSES) await meet(context, edge, one, findings);
      await forgedByClient(edge, findings);
      await forgedByPod(context, edge, findings);
    }
    return findings.results;
  },
};

/** Ports, and what they get. */
const SENT = [[443, 'garbage'], [80, 'garbage'], [443, 'huge-hello'], [80, 'huge-proxy-v1'], [80, 'huge-proxy-v2'], [443, 'huge-proxy-v2']] as const;

const ABUSES: Abuse[] = [
  { name: 'silent connections', start: async edge => [abusing(edge, 80, 'silence', '--connections', await mostSilent(edge), ...OPENING)], judge: judgeSilent },
  { name: 'half a TLS handshake', start: async edge => [abusing(edge, 443, 'half-handshake', '--connections', '2000', ...OPENING)], judge: judgeSilent },
  {
    name: 'SYN packets',
    start: async edge => [Running.labtool(
      edge.cluster, ['synflood', '--target', edge.target(443), '--sources', SPOOFED, '--rate', String(SYN_RATE)], MOST_SECONDS)],
    judge: ([{ sent, seconds }]: { sent: number; seconds: number }[], add) => add('sent in a second', sent / seconds, 'packets'),
  },
  {
    name: 'garbage and huge headers',
    start: async edge => SENT.map(([port, kind]) => abusing(edge, port, kind, '--connections', '32', '--rate', '100')),
    judge: (all: AbuseReport[], add) => all.forEach(({ opened, failed, clients }, i) => {
      const what = `${SENT[i][1]} to ${SENT[i][0]}`;
      add(`${what}, answered as if it were a request, of ${opened}`, Object.values(clients).reduce((sum, count) => sum + count, 0), 'connections', { goal: 0 });
      add(`${what}, not closed within two seconds, of ${opened}`, failed['receive:timeout'] ?? 0, 'connections', { goal: 0 });
    }),
  },
];

function judgeSilent([{ opened, silent }]: AbuseReport[], add: Add): void {
  add('opened', opened, 'connections');
  add('closed by the edge meanwhile', opened - silent, 'connections');
}

function abusing(edge: EdgeUnderTest, port: number, kind: string, ...flags: string[]): Running<AbuseReport> {
  return Running.labtool(edge.cluster, ['abuse', '--target', edge.target(port), '--kind', kind, ...flags], MOST_SECONDS);
}

/** 10,000, or as many as the files allow that the machine lets a process open. The proxy needs two for each connection. */
async function mostSilent(edge: EdgeUnderTest): Promise<string> {
  const [pid] = await edge.frontProcesses(await edge.holder());
  const files = Number(/^Max open files +\d+ +(\d+)/m.exec(readOrEmpty(`/proc/${pid}/limits`))?.[1]);
  return String(Math.min(10_000, Math.floor(files / 2) - 1000));
}

async function meet({ progress }: ScenarioContext, edge: EdgeUnderTest, { name, start, judge }: Abuse, findings: Findings): Promise<void> {
  const { cluster, example: { engine, address } } = edge;
  const holder = await edge.holder();
  const before = await restarts(edge);
  const cookies = await cookiesOf(edge);
  const [holders] = await begun(watchHolders(cluster, address, MOST_SECONDS));
  const abusers = await start(edge);
  await sleep(ABUSE_SECONDS * 1000);
  const meanwhile = await polite(edge);
  const seen = await Promise.all(abusers.map(one => one.end()));
  const after = await polite(edge, '--rate', '40');
  const held = await holders.end();
  const add: Add = (what, ...figure) => findings.add(`${engine}, ${name}: ${what}`, ...figure);
  progress.say(`${engine}, ${name}: ${JSON.stringify(seen)}; others lost ${meanwhile.lost} ${meanwhile.how}, p99 ${meanwhile.p99.toFixed(0)} ms, `
    + `afterwards ${after.lost}; ${await cookiesOf(edge) - cookies} SYN cookies, ${await tracked(edge)} connections known to ${holder.name}`);
  add(`another client not served meanwhile, of ${2 * POLITE}`, meanwhile.lost, 'connections', { goal: 0 });
  add(`not served right afterwards, of ${2 * POLITE}`, after.lost, 'connections', { goal: 0 });
  add('moves of the address', held.changes.length - 1, 'moves', { goal: 0 });
  add('restarts', await restarts(edge) - before, 'restarts', { goal: 0 });
  judge(seen as never[], add);
}

/** New connections of a client that behaves, to both ports. */
async function polite(edge: EdgeUnderTest, ...flags: string[]): Promise<{ lost: number; how: string; p99: number }> {
  const both = await Promise.all([[80], [443, '--tls']].map(async ([port, ...tls]) =>
    requests(edge.cluster, edge.target(Number(port)), POLITE, ...POLITE_FLAGS, ...tls.map(String), ...flags)));
  return {
    lost: both.reduce((sum, { failed }) => sum + failed, 0),
    how: JSON.stringify(both.map(({ failedBy }) => failedBy)),
    p99: Math.max(...both.map(({ latencyMs }) => latencyMs.p99 ?? Infinity)),
  };
}

/** The proxy's own header comes first. The client's is data, and no request. */
async function forgedByClient(edge: EdgeUnderTest, findings: Findings): Promise<void> {
  for (const [port, flags] of [[80, []], [443, ['--tls']]] as const) {
    const honest = await requests(edge.cluster, edge.target(port), POLITE, ...flags);
    findings.add(`${edge.example.engine}, ${port}: requests without the client's real address, of ${honest.requests}`,
      honest.requests - (honest.clients[CLIENT_ADDRESS.ipv4] ?? 0), 'requests', { goal: 0 });
    for (const version of ['v1', 'v2']) {
      const forged = await requests(edge.cluster, edge.target(port), POLITE, ...flags, '--forge', version);
      findings.add(`${edge.example.engine}, ${port}: forged PROXY ${version} headers that were believed, of ${forged.requests}`, forged.clients[FORGED] ?? 0, 'requests', { goal: 0 });
    }
  }
}

/** A gateway that expects a PROXY header believes every peer. The lab's plug-in enforces no NetworkPolicy, so both cases are seen. */
async function forgedByPod({ progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { engine } = edge.example;
  const open = await fromPod(edge);
  const { forged, others } = await withNetworkPolicies(edge, async () => ({ forged: await fromPod(edge), others: await polite(edge) }));
  progress.say(`${engine}, a pod at the gateway: ${JSON.stringify(open.clients)}; with the policy in force ${JSON.stringify(forged.failedBy)}`);
  findings.add(`${engine}, a pod at the gateway, NetworkPolicy not enforced: forged headers that were believed, of ${open.requests}`, open.clients[FORGED] ?? 0, 'requests');
  findings.add(`${engine}, a pod at the gateway, NetworkPolicy enforced: connections that were accepted, of ${forged.requests}`,
    forged.requests - (forged.failedBy['connect:timeout'] ?? 0), 'connections', { goal: 0 });
  findings.add(`${engine}, NetworkPolicy enforced: a client not served, of ${2 * POLITE}`, others.lost, 'connections', { goal: 0 });
}

/** From a pod of another namespace, on the worker or elsewhere, to each gateway. */
async function fromPod(edge: EdgeUnderTest): Promise<LoadReport> {
  const [pod] = await podsIn(edge.cluster, ['kube-system'], '-l', 'k8s-app=kube-dns');
  const [pid] = processesOfPod(pod.uid);
  const [gateway] = await edge.pods('gateway');
  const ask = [edge.cluster.labtool, 'load', '--target', `${gateway.address}:${GATEWAY_PORT}`, '--forge', 'v1', '--count', '20', '--timeout', '1s'];
  return JSON.parse(await run(['nsenter', `--net=/proc/${pid}/ns/net`, '--', ...ask])) as LoadReport;
}

async function restarts(edge: EdgeUnderTest): Promise<number> {
  return (await edge.pods()).reduce((sum, pod) => sum + pod.restarts, 0);
}

/** Handshakes that the edge nodes have answered with a SYN cookie. */
async function cookiesOf(edge: EdgeUnderTest): Promise<number> {
  const counts = await Promise.all(edge.nodes.map(async node => {
    const [names, values] = (await run(node.inNetwork(['cat', '/proc/net/netstat']))).split('\n').map(line => line.split(' '));
    return Number(values[names.indexOf('SyncookiesSent')]);
  }));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Connections that the holder's kernel tracks. A half-open one stays for a minute. */
async function tracked(edge: EdgeUnderTest): Promise<number> {
  return Number(await run((await edge.holder()).inNetwork(['sysctl', '-n', 'net.netfilter.nf_conntrack_count'])));
}
