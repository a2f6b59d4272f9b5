// gitops: what a GitOps tool sees and does, with kubectl's server-side diff: nothing differs after an apply, a change of one prop shows that change only,
// and an apply that prunes the old ConfigMap at once, and its revert, lose no connection; a newer library and its revert neither

import { CommandFailed, sleep } from '../cluster/commands';
import { withSettings } from '../cluster/network';
import { KubeObject, writeObjects } from '../cluster/objects';
import { EdgeUnderTest } from '../edge/edge-under-test';
import { Example, example, HA_EDGE, objectsOf } from '../edge/examples';
import { push } from '../edge/updates';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { PATIENT_CLIENT } from '../traffic/gateway-rollout';
import { begun, probe } from '../traffic/measure';
import { MORE_REPLICAS, SLOWER_CONNECT } from '../variants/git-changes';
import { OLDER_LIBRARY } from '../variants/older-library';

/** A tool compares every few minutes; controllers write their defaults within seconds. */
const DRIFT_SECONDS = 20;
const MOST_SECONDS = 300;

/** A changed line, with its object in front: `apps.v1.Deployment.istio-ingress.edge-gateway +  replicas: 3`. */
type Line = string;

/** What each commit is meant to change. */
const COMMITS: { readonly what: string; readonly edge: Example; readonly changes: RegExp[] }[] = [
  { what: 'replicas: 3', edge: MORE_REPLICAS, changes: [/^apps\.v1\.Deployment\.istio-ingress\.edge-gateway [-+] +replicas: [23]$/] },
  {
    what: 'connectTimeout: 500 ms',
    edge: SLOWER_CONNECT,
    changes: [
      /^v1\.ConfigMap\.istio-ingress\.edge-front-envoy-\w+ \+/,
      /^apps\.v1\.DaemonSet\.istio-ingress\.edge-front-envoy [-+] +name: edge-front-envoy-\w+$/,
      /^apps\.v1\.DaemonSet\.istio-ingress\.edge-front-envoy [-+] +cdk8s-istio-edge\/config-checksum: \w+$/,
    ],
  },
];

export const gitops: Scenario = {
  name: 'gitops',
  title: 'kubectl diff after an apply and before a commit; a commit and its revert under load, with the old ConfigMap pruned at once',
  run: async context => {
    const findings = new Findings('gitops', context.profile);
    if (context.profile.name === 'full') await judgeDrift(await context.edges.useWithIstio(example('gateway-api')), context, findings);
    const edge = await context.edges.useWithIstio(HA_EDGE);
    try {
      await judgeDrift(edge, context, findings);
      for (const commit of COMMITS) await judgeDiff(edge, commit, context, findings);
      await withSettings(edge.nodes.map(({ name }) => name), { 'net.ipv4.tcp_migrate_req': '1' }, async () => {
        await judgeCommit(edge, 'commit', [HA_EDGE, SLOWER_CONNECT], context, findings);
        await judgeCommit(edge, 'git revert', [SLOWER_CONNECT, HA_EDGE], context, findings);
        if (context.profile.name !== 'full') return;
        await judgeCommit(edge, 'git revert of a newer library', [HA_EDGE, OLDER_LIBRARY], context, findings);
        await judgeCommit(edge, 'newer library', [OLDER_LIBRARY, HA_EDGE], context, findings);
      });
    } finally {
      await context.edges.clear();
    }
    return findings.results;
  },
};

async function judgeDrift(edge: EdgeUnderTest, { progress }: ScenarioContext, findings: Findings): Promise<void> {
  await sleep(DRIFT_SECONDS * 1000);
  const lines = await differences(edge, objectsOf(edge.example));
  progress.say(`${edge.example.name}: ${lines.length} lines differ from the manifests: ${lines.join('\n')}`);
  findings.add(`${edge.example.name}: lines in which the cluster differs from the manifests, ${DRIFT_SECONDS} s after the apply`, lines.length, 'lines', { goal: 0 });
}

async function judgeDiff(
  edge: EdgeUnderTest, { what, edge: changed, changes }: typeof COMMITS[number], { progress }: ScenarioContext, findings: Findings,
): Promise<void> {
  const lines = await differences(edge, objectsOf(changed));
  const other = lines.filter(line => !changes.some(change => change.test(line)));
  const missing = changes.filter(change => !lines.some(line => change.test(line)));
  progress.say(`${what}: ${lines.length} lines, ${other.length} of them not meant: ${other.join('\n')}`);
  findings.add(`${what}: lines that kubectl diff shows beside the change, of ${lines.length}`, other.length, 'lines', { goal: 0 });
  findings.add(`${what}: parts of the change that kubectl diff does not show, of ${changes.length}`, missing.length, 'parts', { goal: 0 });
}

/** Applies, and removes at once what is no longer in Git, as Flux does. */
async function judgeCommit(
  edge: EdgeUnderTest, what: string, [before, after]: Example[], { cluster, progress }: ScenarioContext, findings: Findings,
): Promise<void> {
  const [old, wanted] = [objectsOf(before), objectsOf(after)];
  const pruned = old.filter(({ kind, metadata }) => !wanted.some(one => one.kind === kind && one.metadata.name === metadata.name));
  const client = probe(cluster, edge.target(443), MOST_SECONDS, ...PATIENT_CLIENT);
  await begun(client);
  await push(edge, ...wanted);
  await cluster.kubectl(['delete', '-f', '-'], { input: writeObjects(pruned) });
  await edge.rolledOut(180);
  await edge.settled();
  const seen = await client.end();
  progress.say(`${what}: pruned ${pruned.map(({ metadata }) => metadata.name).join()}; ${seen.bad} of ${seen.probes} lost: ${JSON.stringify(seen.outages)}`);
  const maps = pruned.filter(({ kind }) => kind === 'ConfigMap').length;
  findings.add(`${what}: ConfigMaps that are pruned too few`, Math.max(0, 1 - maps), 'ConfigMaps', { goal: 0 });
  findings.add(`${what}, with the old ConfigMap pruned at once: new connections lost, of ${seen.probes}`, seen.bad, 'connections', { goal: 0 });
  findings.add(`${what}: lines that differ when it is done`, (await differences(edge, wanted)).length, 'lines', { goal: 0 });
}

/** The API server counts the changes of an object, and those of a DaemonSet's pods. */
const COUNTED = /^[-+] +(generation: \d+|deprecated\.daemonset\.template\.generation: "\d+")$/;

/** The lines that an apply would change. */
async function differences({ cluster }: EdgeUnderTest, objects: KubeObject[]): Promise<Line[]> {
  const input = writeObjects(objects);
  // 0: no difference, 1: differences
  const output = await cluster.kubectl(['diff', '--server-side', '-f', '-'], { input }).catch((error: unknown) => {
    if (error instanceof CommandFailed && error.stdout.startsWith('diff ')) return error.stdout;
    throw error;
  });
  return output.split(/^diff .*\//m).slice(1).flatMap(part => {
    const [object, , , ...lines] = part.split('\n');
    return lines.filter(line => /^[-+]/.test(line) && !COUNTED.test(line)).map(line => `${object} ${line}`);
  });
}
