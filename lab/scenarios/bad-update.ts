// bad-update: the front proxy or keepalived gets a broken configuration, or an image that does not exist. The rollout stops on its first node, the old
// pods still serve, and the virtual IP stays up. Reverting the change is enough to repair it

import { sleep, until } from '../cluster/commands';
import { kill, processesOfPod, readOrEmpty } from '../cluster/machine';
import { KubeObject } from '../cluster/objects';
import { Pod } from '../cluster/pods';
import { Component, EdgeUnderTest } from '../edge/edge-under-test';
import { Example, HA_EDGE } from '../edge/examples';
import { push } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { HANDED_OVER, PROXY_DEAD } from '../traffic/faults';
import { begun, probe, whenAndWhat } from '../traffic/measure';

/** Long enough to see that a rollout does not continue: more than minReadySeconds and two readiness probes. */
const WATCH_SECONDS = 12;
const MOST_SECONDS = 240;

/** What kubelet reports for containers that do not start. */
const TROUBLE = /CrashLoopBackOff|ErrImagePull|ImagePullBackOff|RunContainerError|CreateContainerError/;

/** A change that must stop on the first node. */
interface Mistake {
  readonly name: string;
  readonly component: Component;
  /** The changed objects. */
  readonly make: (edge: EdgeUnderTest) => KubeObject[];
}

function mistakes(component: Component): Mistake[] {
  return [
    { name: 'broken configuration', component, make: edge => withBrokenText(edge.configMap(component), edge.workload(component)) },
    { name: 'missing image', component, make: edge => [missingImage(edge.workload(component))] },
  ];
}

export const badUpdate: Scenario = {
  name: 'bad-update',
  title: 'broken configurations and images pushed: old pods serve on, the rollout stops, taking it back mends it',
  run: async context => {
    const findings = new Findings('bad-update', context.profile);
    for (const front of context.profile.faultyFronts) {
      for (const mistake of mistakes('front-proxy')) await made(context, front, mistake, findings);
    }
    for (const mistake of mistakes('virtual-ip')) await made(context, HA_EDGE, mistake, findings);
    await crashedMeanwhile(context, findings);
    return findings.results;
  },
};

async function made(context: ScenarioContext, front: Example, mistake: Mistake, findings: Findings): Promise<void> {
  const { cluster, edges, progress } = context;
  const { component } = mistake;
  const isProxy = component === 'front-proxy';
  const edge = await edges.use(front);
  const before = await edge.pods(component);
  const [client] = await begun(probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms'));
  const started = Date.now();
  await push(edge, ...mistake.make(edge));
  await untilTrouble(edge, component, mistake.name);
  await sleep(WATCH_SECONDS * 1000);
  const after = await edge.pods(component);
  const taken = Date.now();
  await push(edge, edge.configMap(component), edge.workload(component));
  await edge.rolledOut(120);
  await edge.settled(120);
  const mended = (Date.now() - taken) / 1000;
  const seen = await client.end();
  const name = `${isProxy ? front.engine : 'keepalived'}, ${mistake.name}`;
  const touched = nodesOf(after.filter(pod => !before.some(({ uid }) => uid === pod.uid)));
  const serving = after.filter(pod => before.some(({ uid }) => uid === pod.uid) && pod.ready && !pod.leaving);
  progress.say(`${name}: rollout stopped on ${touched.join(' and ')}, ${serving.length} old pods serve, longest outage ${seen.longestOutageSeconds.toFixed(3)} s`);
  seen.outages.forEach(outage => progress.say(`outage ${whenAndWhat(outage, started)}`));
  // keepalived's old pod on the first node ends first; if it holds the address, the address moves
  findings.add(`${name}: longest outage, pushed and taken back`, seen.longestOutageSeconds, 's', isProxy ? { goal: 0 } : HANDED_OVER);
  findings.add(`${name}: nodes that the rollout has reached`, touched.length, 'nodes', { goal: 1 });
  findings.add(`${name}: old pods that no longer serve, of ${before.length}`, before.length - serving.length, 'pods', { goal: isProxy ? 0 : 1 });
  findings.add(`${name}: settled after it was taken back`, mended, 's', { limit: 60 });
}

/**
 * A proxy dies on the serving node while a rollout with a broken configuration is stopped, and the old ConfigMap has been pruned, as GitOps tools do.
 * Kubernetes then starts the broken pod in its place, so the other node has to serve.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/daemon/daemon_controller.go#L946
 */
async function crashedMeanwhile({ cluster, edges }: ScenarioContext, findings: Findings): Promise<void> {
  const edge = await edges.use(HA_EDGE);
  const [configMap, workload] = [edge.configMap('front-proxy'), edge.workload('front-proxy')];
  await push(edge, ...withBrokenText(edge.configMap('front-proxy'), workload));
  await untilTrouble(edge, 'front-proxy', 'broken text');
  await cluster.kubectl(['-n', configMap.metadata.namespace ?? '', 'delete', 'configmap', configMap.metadata.name]);
  const holder = await edge.holder();
  const old = (await edge.pods('front-proxy')).filter(({ ready, node }) => ready && node === holder.name);
  const [client] = await begun(probe(cluster, edge.target(443), MOST_SECONDS, '--tls', '--interval', '10ms'));
  const processes = old.flatMap(({ uid }) => processesOfPod(uid)).filter(pid => readOrEmpty(`/proc/${pid}/comm`).trim() === HA_EDGE.engine);
  if (processes.length === 0) throw new Error(`no front proxy that is ready runs on ${holder.name}`);
  processes.forEach(pid => kill(pid));
  await sleep(WATCH_SECONDS * 1000);
  await push(edge, configMap, edge.workload('front-proxy'));
  await edge.rolledOut(120);
  await edge.settled(120);
  const { longestOutageSeconds } = await client.end();
  findings.add('old proxy killed while a broken text is pushed and its own is pruned: served again', longestOutageSeconds, 's', PROXY_DEAD);
}

/** Adds a line that no engine knows to the configuration, in a new ConfigMap. */
function withBrokenText(configMap: KubeObject, workload: KubeObject): KubeObject[] {
  const main = Object.keys(configMap.data).find(key => /^(front-\w+|keepalived)\.(yaml|cfg|conf)$/.test(key));
  if (!main) throw new Error(`no configuration in ${Object.keys(configMap.data).join(', ')}`);
  configMap.data[main] += '\nthis is no configuration {\n';
  configMap.metadata.name = `${configMap.metadata.name.slice(0, -10)}0000000000`;
  workload.spec.template.spec.volumes.find((volume: { name: string }) => volume.name === 'config').configMap.name = configMap.metadata.name;
  return [configMap, workload];
}

function missingImage(workload: KubeObject): KubeObject {
  const { containers, initContainers = [] } = workload.spec.template.spec;
  [...containers, ...initContainers].forEach(container => { container.image = 'lab.invalid/missing:lab'; });
  return workload;
}

/** A crashing container is in an error state only between its restarts, so a check can miss it. The restart count stays. */
async function untilTrouble(edge: EdgeUnderTest, component: Component, mistake: string): Promise<void> {
  await until(`a pod with the ${mistake} is in trouble`, 60, async () => {
    const restarted = (await edge.pods(component)).some(({ ready, restarts }) => !ready && restarts > 0);
    return restarted || TROUBLE.test(await containerStates(edge, component));
  }, 500);
}

async function containerStates(edge: EdgeUnderTest, component: Component): Promise<string> {
  const { metadata } = edge.workload(component);
  const states = ['.status.containerStatuses', '.status.initContainerStatuses'].map(list => `{.items[*]${list}[*].state}`).join('');
  return edge.cluster.kubectl(['-n', metadata.namespace ?? '', 'get', 'pods', '-l', `app.kubernetes.io/component=${component}`, '-o', `jsonpath=${states}`]);
}

function nodesOf(pods: Pod[]): string[] {
  return [...new Set(pods.map(pod => pod.node))];
}
