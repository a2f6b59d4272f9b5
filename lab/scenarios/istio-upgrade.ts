// istio-upgrade: istiod is upgraded, then the gateways by one changed prop. Behind front proxies no new connection is lost. A gateway on a node
// serves until the virtual IP has left the node, and its open connections may finish

import { ISTIO_NEXT_VERSION, ISTIO_VERSION } from '../cluster/build';
import { until } from '../cluster/commands';
import { Node } from '../cluster/node';
import { KubeObject } from '../cluster/objects';
import { isDeployedByIstiod } from '../edge/deployed-by-istiod';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { gatewayPods, HOST_GATEWAY_RIGHTS } from '../edge/gateway-pods';
import { push } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { addRollouts, Rollout, measureRollout, PATIENT_CLIENT } from '../traffic/gateway-rollout';
import { begun, load, probe, watchHolders } from '../traffic/measure';
import { HoldReport, LoadReport } from '../traffic/reports';
import { behindFronts, onHosts, onLoopback, Upgradable } from '../variants/istio-version';
import { managedBehind, managedOnHosts } from '../variants/managed';

const MOST_SECONDS = 300;
const LOAD = ['--tls', '--workers', '6', '--rate', '60'];
/** Answers that are not finished when a gateway gets SIGTERM. */
const SLOW = ['--tls', '--path', '/?delay=3000', '--timeout', '20s', '--workers', '4'];
/** Longer than the 5 s for which a gateway accepts connections after SIGTERM. */
const OPEN_SECONDS = 20;
const SLOW_ANSWERS = 8;
const WEB_SOCKETS = 4;
/** Until both old gateways have got SIGTERM. If istiod replaces them, this includes the start of the new istiod. */
const HELD_SECONDS = { applied: 30, byIstiod: 45 };

export const istioUpgrade: Scenario = {
  name: 'istio-upgrade',
  title: `real istiod: from ${ISTIO_VERSION} to ${ISTIO_NEXT_VERSION} under load, behind each front proxy, on the nodes, and on 127.0.0.1`,
  run: async context => {
    const findings = new Findings('istio-upgrade', context.profile);
    const engines = context.profile.faultyFronts.map(({ engine }) => engine);
    for (const engine of engines) await behindFront(context, behindFronts(engine), findings);
    if (context.profile.name === 'full') {
      await onNodes(context, () => managedOnHosts(), findings);
      for (const engine of engines) await behindFront(context, () => managedBehind(engine), findings);
      await onNodes(context, onHosts, findings);
      await onNodes(context, onLoopback, findings);
    }
    return findings.results;
  },
};

/** The versions to change to. The full profile also goes back. */
function versions({ profile }: ScenarioContext): string[] {
  return profile.name === 'full' ? [ISTIO_NEXT_VERSION, ISTIO_VERSION] : [ISTIO_NEXT_VERSION];
}

/** Upgrades of one edge: synthesizes the next version, judges the changed objects, applies them, judges the pods. */
class Upgrades {
  public static async of(context: ScenarioContext, upgradable: Upgradable, findings: Findings): Promise<Upgrades> {
    return new Upgrades(context, upgradable, findings, await context.edges.useWithIstio(upgradable(ISTIO_VERSION)));
  }

  public readonly name: string;

  private constructor(
    private readonly context: ScenarioContext,
    private readonly upgradable: Upgradable,
    private readonly findings: Findings,
    public edge: EdgeUnderTest,
  ) {
    this.name = title(edge);
  }

  /** Upgrades istiod, then applies the edge with the other version. istiod replaces the gateways that it deploys by itself. */
  public async to(version: string, beforeGateways?: () => void): Promise<void> {
    const { cluster, progress } = this.context;
    const next = new EdgeUnderTest(cluster, this.upgradable(version), {}, this.edge.istio);
    this.judgeChange(next, version);
    const byIstiod = next.objects.some(isDeployedByIstiod);
    if (byIstiod) beforeGateways?.(); // the new istiod replaces them as soon as it runs
    await progress.stage(`istiod ${version}`, async () => next.istio!.upgrade(version));
    if (!byIstiod) beforeGateways?.();
    await progress.stage(`gateways ${version}`, async () => {
      await push(next, ...next.objects);
      await until(`every gateway runs ${version}`, 240, async () => (await next.pods('gateway')).every(({ image }) => image === imageOf(version)), 500);
      await next.rolledOut(240);
      await next.settled(240);
    });
    this.edge = next;
  }

  public async judgePods(version: string): Promise<void> {
    const pods = await gatewayPods(this.edge, HOST_GATEWAY_RIGHTS);
    this.findings.add(`${this.name}: gateways that do not run ${version}, of ${pods.length}`, pods.filter(({ image }) => image !== imageOf(version)).length, 'pods', { goal: 0 });
    const restarted = pods.filter(({ restarts }) => restarts > 0).length;
    this.findings.add(`${this.name}: gateways of ${version} that have restarted, of ${pods.length}`, restarted, 'pods', { goal: 0 });
  }

  private judgeChange(next: EdgeUnderTest, version: string): void {
    const before = this.edge.objects.map(object => JSON.stringify(object));
    const changed = next.objects.filter((object: KubeObject, i) => JSON.stringify(object) !== before[i]);
    this.findings.add(`${this.name}: objects that version ${version} changes, of ${next.objects.length}`, changed.length, 'objects', {
      goal: next.objects.some(isDeployedByIstiod) ? 0 : 1,
    });
  }
}

/** What clients noticed during the upgrades of gateways behind front proxies. */
interface Losses {
  connections: number;
  lost: number;
  slow: number;
  cut: number;
  sockets: number;
  broken: number;
  moves: number;
  seconds: number[];
}

/** Gateways on the pod network: T3 by the virtual IP, T2 by each node's address. */
async function behindFront(context: ScenarioContext, upgradable: Upgradable, findings: Findings): Promise<void> {
  const upgrades = await Upgrades.of(context, upgradable, findings);
  const { edge, name } = upgrades;
  const held = edge.objects.some(isDeployedByIstiod) ? HELD_SECONDS.byIstiod : HELD_SECONDS.applied;
  const losses: Losses = { connections: 0, lost: 0, slow: 0, cut: 0, sockets: 0, broken: 0, moves: 0, seconds: [] };
  for (const version of versions(context)) {
    await upgradeUnderLoad(context, upgrades, version, held, losses);
    await upgrades.judgePods(version);
  }
  findings.add(`${name}: new connections lost by the VIP and by each node, of ${losses.connections}`, losses.lost, 'connections', { goal: 0 });
  findings.add(`${name}: answers of 3 s cut short, of ${losses.slow}`, losses.cut, 'answers', { goal: 0 });
  findings.add(`${name}: WebSockets by the VIP that do not last ${held} s, of ${losses.sockets}`, losses.broken, 'connections', { goal: 0 });
  findings.add(`${name}: moves of the VIP`, losses.moves, 'moves', { goal: 0 });
  findings.add(`${name}: one upgrade of istiod and gateways, longest`, Math.max(...losses.seconds), 's');
  await context.edges.clear(); // the edge has another version than its key
}

async function upgradeUnderLoad(
  { cluster, progress }: ScenarioContext, upgrades: Upgrades, version: string, held: number, losses: Losses,
): Promise<void> {
  const { edge, name } = upgrades;
  const fast = [edge.target(443), ...edge.nodes.map(({ spec }) => `${spec.ipv4}:443`)].map(target => load(cluster, target, MOST_SECONDS, ...LOAD));
  const client = probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT);
  const slow = load(cluster, edge.target(443), MOST_SECONDS, ...SLOW);
  const holders = watchHolders(cluster, edge.example.address, MOST_SECONDS);
  await begun(...fast, client, slow, holders);
  let sockets: Promise<HoldReport> | undefined;
  const since = Date.now();
  await upgrades.to(version, () => {
    sockets = heldDuring(upgrades.edge, held);
    sockets.catch(() => undefined); // it is thrown below
  });
  losses.seconds.push((Date.now() - since) / 1000);
  losses.sockets += WEB_SOCKETS;
  losses.broken += WEB_SOCKETS - (await sockets!).answeredAgain;
  const loads = await Promise.all(fast.map(async one => one.end()));
  const [probed, answers, holding] = [await client.end(), await slow.end(), await holders.end()];
  const failures = [...loads, answers].map(({ failed, failedBy, failedAt }) => failed ? `${JSON.stringify(failedBy)} in seconds ${JSON.stringify(failedAt)}` : '');
  progress.say(`${name}, ${version}: ${failures.filter(text => text).join('; ')} ${JSON.stringify(probed.outages)}`);
  losses.connections += probed.probes + loads.reduce((sum, { requests }) => sum + requests, 0);
  losses.lost += probed.bad + loads.reduce((sum, { failed }) => sum + failed, 0);
  losses.slow += answers.requests;
  losses.cut += answers.failed;
  losses.moves += holding.changes.length - 1;
}

/** Holds WebSockets from before the first old gateway gets SIGTERM until after the last one. */
async function heldDuring(edge: EdgeUnderTest, seconds: number): Promise<HoldReport> {
  const old = (await edge.pods('gateway')).map(({ uid }) => uid);
  const sockets = webSockets(edge, edge.target(443), seconds);
  sockets.catch(() => undefined); // it is thrown below
  await until('every old gateway ends while WebSockets are held', seconds, async () => {
    const pods = await edge.pods('gateway');
    return !pods.some(({ uid, leaving }) => old.includes(uid) && !leaving);
  }, 1000);
  return sockets;
}

/** Gateways on the nodes: the virtual IP leaves a node first. */
async function onNodes(context: ScenarioContext, upgradable: Upgradable, findings: Findings): Promise<void> {
  const upgrades = await Upgrades.of(context, upgradable, findings);
  const { edge, name } = upgrades;
  const rollouts: Rollout[] = [];
  const open: Open[] = [];
  for (const version of versions(context)) {
    const opened = openAtTheEnd(edge);
    opened.catch(() => undefined); // it is thrown below
    const rollout = await measureRollout(edge, async () => upgrades.to(version));
    rollouts.push(rollout);
    open.push(...await opened);
    context.progress.say(`${name}, ${version} in ${rollout.seconds.toFixed(1)} s: ${rollout.lost} of ${rollout.probes} lost, ${rollout.broken} broken: ${rollout.timeline}; ${JSON.stringify(open)}`);
    await upgrades.judgePods(version);
  }
  const sum = (part: 'answered' | 'echoed') => open.reduce((total, one) => total + one[part], 0);
  addRollouts(findings, name, rollouts);
  const answers = open.length * SLOW_ANSWERS;
  findings.add(`${name}: answers of ${OPEN_SECONDS} s by a node's address, cut though begun before its gateway's end, of ${answers}`, answers - sum('answered'), 'answers', { goal: 0 });
  const sockets = open.length * WEB_SOCKETS;
  findings.add(`${name}: WebSockets by a node's address, cut within ${OPEN_SECONDS} s of their gateway's end, of ${sockets}`, sockets - sum('echoed'), 'connections', { goal: 0 });
  findings.add(`${name}: one upgrade of istiod and gateways, longest`, Math.max(...rollouts.map(({ seconds }) => seconds)), 's');
  await context.edges.clear();
}

/** How connections to one node ended. */
interface Open {
  readonly node: string;
  readonly answered: number;
  readonly echoed: number;
  readonly failedBy: { [kind: string]: number };
}

/** Opens connections to each node's own address, as soon as its gateway gets SIGTERM. */
async function openAtTheEnd(edge: EdgeUnderTest): Promise<Open[]> {
  const old = (await edge.pods('gateway')).map(({ uid }) => uid);
  const opened = new Map<string, Promise<Open>>();
  await until('every gateway ends', MOST_SECONDS, async () => {
    const ending = (await edge.pods('gateway')).filter(({ uid, leaving }) => old.includes(uid) && leaving);
    const fresh = edge.nodes.filter(({ name }) => !opened.has(name) && ending.some(({ node }) => node === name));
    fresh.forEach(node => opened.set(node.name, connections(edge, node)));
    return opened.size === old.length;
  }, 1000);
  return Promise.all(opened.values());
}

async function connections(edge: EdgeUnderTest, { name, spec }: Node): Promise<Open> {
  const target = `${spec.ipv4}:443`;
  const slow = ['--path', `/?delay=${OPEN_SECONDS * 1000}`, '--timeout', `${OPEN_SECONDS + 10}s`, '--duration', '60s'];
  const words = ['load', '--tls', '--target', target, ...slow, '--workers', `${SLOW_ANSWERS}`, '--count', `${SLOW_ANSWERS}`];
  const [answers, sockets] = await Promise.all([edge.cluster.fromClient<LoadReport>(words, 70), webSockets(edge, target, OPEN_SECONDS)]);
  return { node: name, answered: answers.ok, echoed: sockets.answeredAgain, failedBy: { ...answers.failedBy, ...sockets.failedBy } };
}

/** Opens WebSockets, and uses them again after a while. */
async function webSockets({ cluster }: EdgeUnderTest, target: string, seconds: number): Promise<HoldReport> {
  const held = ['hold', '--tls', '--target', target, '--websocket', '--connections', `${WEB_SOCKETS}`, '--silence', `${seconds}s`];
  return cluster.fromClient<HoldReport>(held, seconds + 30);
}

function imageOf(version: string): string {
  return `docker.io/istio/proxyv2:${version}`;
}

function title({ example: { name, engine } }: EdgeUnderTest): string {
  const [what] = name.split(',');
  return what === 'ha-edge' ? `gateways behind ${engine}` : what;
}
