// privileges: each process of a running edge has the rights that SECURITY.md lists, and no more. Without any one capability a pod does not work.
// Nothing listens on an edge node but what the page lists. Metrics answer only those who may read them, and never at the virtual IP

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, run, sleep, undo, until } from '../cluster/commands';
import { kill, pids, processesOfPod, readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';
import { hostOf } from '../cluster/topology';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Listener, listenersOf, openToOthers } from '../edge/listeners';
import { capabilitySet, Rights, runningContainers, wrongRights } from '../edge/rights';
import { push, restart } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { HoldReport } from '../traffic/reports';
import { measured } from '../variants/measured';

/** A row of the table in SECURITY.md. */
interface Row extends Rights {
  readonly names: string[];
  /** Numbers of ports and of IP protocols. */
  readonly listensOn: string[];
}

/** Which row of the page is for a container. */
const ROWS: { readonly [container: string]: RegExp } = {
  'front': /^front proxy$/, 'port-guard': /^`port-guard`/, 'keepalived': /^keepalived$/, 'handover': /^hand-over/, 'metrics': /^`metrics`/,
};
const NAMESPACE = 'istio-ingress';
/** The lab's own programs on a node. */
const LABS_OWN = /^(kubelet|kube-proxy|containerd)/;
/** VRRP and both ICMP, as `ss` writes raw sockets. */
const IP_PROTOCOLS = ['112', '1', '58'];
/** Longer than a pod takes to become ready. */
const BROKEN_SECONDS = 10;
const HELD = 20;

export const privileges: Scenario = {
  name: 'privileges',
  title: 'rights of each process, capabilities one by one, listening sockets, who reaches metrics',
  run: async context => {
    const findings = new Findings('privileges', context.profile);
    const edges = context.profile.faultyFronts.map(({ engine }) => measured(engine));
    for (const [i, example] of edges.entries()) {
      const edge = await context.edges.use(example, { gatewaysOn: 'worker' });
      await judgeRights(context, edge, findings);
      await judgeListeners(context, edge, findings);
      await judgeReaders(context, edge, findings);
      await withoutCapability(context, edge, 'front-proxy', 'NET_BIND_SERVICE', findings);
      if (i > 0) continue; // keepalived's pod is the same for each engine; check-faults takes SETGID away
      for (const name of ['NET_ADMIN', 'NET_RAW']) await withoutCapability(context, edge, 'virtual-ip', name, findings);
      for (const name of ['', 'NET_ADMIN', 'NET_RAW']) await handOverWithout(context, edge, name, findings);
    }
    return findings.results;
  },
};

/** What SECURITY.md says about a container. */
function documented(container: string): Row {
  const page = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8');
  const rows = page.split('\n').filter(line => line.startsWith('| ')).map(line => line.split('|').map(cell => cell.trim()));
  const cells = rows.find(([, name]) => ROWS[container.replace(/^front-.*/, 'front')]?.test(name));
  if (!cells) throw new Error(`SECURITY.md has no row for the container ${container}`);
  const names = cells[4].match(/\b[A-Z]+(_[A-Z]+)*\b/g) ?? [];
  return { uid: Number(cells[3]), names, capabilities: capabilitySet(names), listensOn: cells[5].match(/\d+/g) ?? [] };
}

/** Every process of every container, and port-guard's while it runs. */
async function judgeRights({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { engine } = edge.example;
  const components = 'app.kubernetes.io/component in (front-proxy,virtual-ip)';
  const containers = await runningContainers(cluster, NAMESPACE, '-l', components);
  const empty = containers.find(one => one.pids.length === 0);
  if (empty || containers.length !== 4 * edge.nodes.length) throw new Error(`${containers.length} containers run, ${empty?.name ?? 'each'} without a process`);
  const wrong = containers.flatMap(({ name, node, pids: some }) => some.flatMap((pid, i) => wrongRights(pid, documented(name), i > 0).map(text => `${name} on ${node}: ${text}`)));
  const count = containers.reduce((sum, one) => sum + one.pids.length, 0);
  const guard = await guardRights(edge);
  [...wrong, ...guard.wrong].forEach(text => progress.say(`${engine}: ${text}`));
  findings.add(`${engine}: rights of processes that are not as documented, of ${count} processes in ${containers.length} containers`, wrong.length, 'rights', { goal: 0 });
  findings.add(`${engine}: the same of port-guard, of ${guard.seen} processes`, guard.wrong.length, 'rights', { goal: 0 });
}

/** port-guard ends before the proxy starts, so its processes are looked for while pods are replaced. */
async function guardRights(edge: EdgeUnderTest): Promise<{ seen: number; wrong: string[] }> {
  await restart(edge, 'front-proxy');
  const seen = new Map<number, string[]>();
  const look = () => {
    const guards = pids().filter(pid => readOrEmpty(`/proc/${pid}/cmdline`).startsWith('bash\0/etc/port-guard.sh'));
    guards.forEach(pid => seen.set(pid, wrongRights(pid, documented('port-guard'))));
    return seen.size > 0;
  };
  await until('port-guard runs', 60, look, 5);
  await edge.rolledOut(120);
  await edge.settled(120);
  return { seen: seen.size, wrong: [...seen.values()].flat() };
}

/** The edge's own processes may have what the page lists; no other process may have anything. */
async function judgeListeners({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { engine } = edge.example;
  for (const node of edge.nodes) {
    const containers = (await runningContainers(cluster, NAMESPACE)).filter(one => one.node === node.name);
    const ownerOf = (one: Listener) => containers.find(container => one.pids.some(pid => container.pids.includes(pid)))?.name;
    const found = (await listenersOf(node)).filter(({ programs }) => !programs.some(name => LABS_OWN.test(name)));
    const strange = found.filter(one => !isDocumented(one, ownerOf(one)));
    const files = found.filter(({ kind }) => kind === 'unix');
    const open = await openToOthers(node, found);
    progress.say(`${engine}, ${node.name}: ${found.map(one => `${ownerOf(one) ?? one.programs.join()} ${one.kind} ${one.at}`).join('; ')}`);
    findings.add(`${engine}, ${node.name}: listening sockets that are not documented, of ${found.length}`, strange.length, 'sockets', { goal: 0 });
    findings.add(`${engine}, ${node.name}: Unix sockets that another user could open, of ${files.length}`, open.length, 'sockets', { goal: 0 });
  }
}

function isDocumented({ kind, at }: Listener, container?: string): boolean {
  if (!container) return false;
  if (kind === 'unix') return true; // judged by who may open it
  const { listensOn } = documented(container);
  const [, address, port] = /^(.*):(\w+)$/.exec(at) ?? [];
  if (kind === 'tcp' && container.startsWith('front-') && ['80', '443'].includes(port)) return true;
  if (kind === 'udp') return container === 'front-haproxy'; // it asks DNS from a random port
  if (!listensOn.includes(port)) return false;
  return port === '340' ? kind === 'tcp' && address === '127.0.0.1' : kind === (IP_PROTOCOLS.includes(port) ? 'raw' : 'tcp');
}

/** A reader gets the metrics of a node, and nothing at the virtual IP. Others get nothing. */
async function judgeReaders({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, findings: Findings): Promise<void> {
  const { engine, address } = edge.example;
  const holder = await edge.holder();
  const { ipv4, ipv6 } = holder.spec;
  const [pod] = processesOfPod((await edge.pods('gateway'))[0].uid);
  const inPod = (argv: string[]) => ['nsenter', `--net=/proc/${pod}/ns/net`, '--', ...argv];
  const reader = cluster.node('worker-1');
  const asked = (host: string) => ['341/metrics', '9165/metrics', '340/healthz'].map(rest => `http://${hostOf(host)}:${rest}`);
  const everywhere = [ipv4, ipv6, address].flatMap(asked);
  const answers = async (urls: string[], at: (argv: string[]) => string[]) =>
    (await Promise.all(urls.map(async url => await answered(at([cluster.labtool, 'get', '--timeout', '1s', url])) ? [url] : []))).flat();
  const fromPod = await answers(everywhere, inPod);
  const fromClient = await answers(everywhere, argv => cluster.client.inNetwork(argv));
  const read = await answers(asked(ipv4).slice(0, 2), argv => reader.inNetwork(argv));
  const atVip = await answers(asked(address), argv => reader.inNetwork(argv));
  progress.say(`${engine}: answers to a pod ${fromPod.join()}, to a client ${fromClient.join()}, to the reader ${read.join()}, at the address ${atVip.join()}`);
  findings.add(`${engine}: health and metrics that answer a pod, of ${everywhere.length} questions`, fromPod.length, 'answers', { goal: 0 });
  findings.add(`${engine}: health and metrics that answer a client, of ${everywhere.length} questions`, fromClient.length, 'answers', { goal: 0 });
  findings.add(`${engine}: health and metrics that answer at the VIP, also who may read, of 3 questions`, atVip.length, 'answers', { goal: 0 });
  findings.add(`${engine}: metrics that do not answer who may read, of 2 questions`, 2 - read.length, 'questions', { goal: 0 });
}

/** Any status is an answer. */
async function answered(argv: string[]): Promise<boolean> {
  return run(argv).then(() => true, error => error instanceof CommandFailed && /^labtool get: \d{3} /m.test(error.stderr));
}

/** The updated pod never becomes ready, so the rollout stops. `bad-update` shows that clients notice nothing of it. */
async function withoutCapability(
  { progress }: ScenarioContext, edge: EdgeUnderTest, component: 'front-proxy' | 'virtual-ip', capability: string, findings: Findings,
): Promise<void> {
  const { cluster, example: { engine, address } } = edge;
  const good = edge.workload(component);
  const before = (await edge.pods(component)).map(pod => pod.name);
  const updated = async () => (await edge.pods(component)).filter(pod => !before.includes(pod.name));
  let ready = 0;
  let wrong = 0;
  try {
    await push(edge, without(good, 0, capability));
    await until('the update reaches a node', 60, async () => (await updated()).some(pod => pod.node));
    await sleep(BROKEN_SECONDS * 1000);
    const pods = await updated();
    ready = pods.filter(pod => pod.ready).length;
    const [{ node }] = pods;
    wrong = component === 'virtual-ip' ? (await cluster.holders(address)).filter(name => name === node).length
      : await edge.serves(edge.nodes.find(({ name }) => name === node)!) ? 0 : 1;
    progress.say(`${component} without ${capability} on ${node}: ${ready} of ${pods.length} updated pods ready`);
  } finally {
    await undo(async () => {
      await push(edge, good);
      await edge.rolledOut(120);
      await edge.settled(120);
    });
  }
  const what = `${component === 'virtual-ip' ? 'keepalived' : engine} without ${capability}`;
  findings.add(`${what}: updated pods that become ready`, ready, 'pods', { goal: 0 });
  findings.add(`${what}: ${component === 'virtual-ip' ? 'nodes that hold the address' : 'nodes whose old pod does not serve'}`, wrong, 'nodes', { goal: 0 });
}

/** The hand-over has no readiness of its own: without it an address moves, and open connections break. */
async function handOverWithout({ cluster, progress }: ScenarioContext, edge: EdgeUnderTest, capability: string, findings: Findings): Promise<void> {
  const good = edge.workload('virtual-ip');
  let left = HELD;
  try {
    if (capability) {
      await push(edge, without(good, 1, capability));
      await edge.rolledOut(120);
    }
    await edge.settled(120);
    await sleep(3000); // the peers know each other by then
    left = await survivors(edge, await edge.holder());
  } finally {
    await undo(async () => {
      await push(edge, good);
      await edge.rolledOut(120);
      await edge.settled(120);
    });
  }
  progress.say(`hand-over ${capability ? `without ${capability}` : 'with all capabilities'}: ${left} of ${HELD} open connections survive a move in ${cluster.edges.length} nodes`);
  if (capability) findings.add(`hand-over without ${capability}: open connections that survive a move, of ${HELD}`, left, 'connections', { goal: 0 });
  else findings.add(`hand-over with its capabilities: open connections that break by a move, of ${HELD}`, HELD - left, 'connections', { goal: 0 });
}

/** Open connections that are answered again after the address has moved. */
async function survivors(edge: EdgeUnderTest, holder: Node): Promise<number> {
  const open = edge.cluster.fromClient<HoldReport>(['hold', '--target', edge.target(), '--connections', String(HELD), '--silence', '4s', '--timeout', '3s'], 40);
  await sleep(1500);
  kill(edge.keepalivedProcesses(holder)[0], 'SIGTERM');
  const { answered: all, answeredAgain } = await open;
  if (all !== HELD) throw new Error(`only ${all} of ${HELD} connections were answered at first`);
  if ((await edge.holder()).name === holder.name) throw new Error('the address did not move');
  return answeredAgain;
}

function without(workload: ReturnType<EdgeUnderTest['workload']>, container: number, capability: string): typeof workload {
  const changed = structuredClone(workload);
  const { capabilities } = changed.spec.template.spec.containers[container].securityContext;
  if (!capabilities.add.includes(capability)) throw new Error(`the container has no capability ${capability}`);
  capabilities.add = capabilities.add.filter((name: string) => name !== capability);
  return changed;
}
