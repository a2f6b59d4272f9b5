// apply: the API server accepts each example unchanged, all pods become ready, and the edge serves. A restricted namespace rejects its host pods
// with a clear reason

import { CommandFailed } from '../cluster/commands';
import { writeObjects } from '../cluster/objects';
import { Example, EXAMPLES, objectsOf } from '../edge/examples';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { served } from './serve';

export const apply: Scenario = {
  name: 'apply',
  title: 'each example passes strict validation, its pods become ready, a restricted namespace rejects them clearly; then as serve',
  run: async context => {
    const findings = new Findings('apply', context.profile);
    const serving = new Findings('serve', context.profile);
    for (const one of EXAMPLES) {
      await applied(context, one, findings);
      await served(await context.edges.use(one), serving);
    }
    return [...findings.results, ...serving.results];
  },
};

async function applied({ cluster, edges, progress }: ScenarioContext, one: Example, findings: Findings): Promise<void> {
  await edges.clear();
  const begun = Date.now();
  const edge = await edges.use(one);
  findings.add(`${one.name}: from kubectl apply until every node serves`, (Date.now() - begun) / 1000, 's', { limit: 60 });
  const pods = await edge.pods();
  const bad = pods.filter(pod => !pod.ready || pod.phase !== 'Running' || pod.restarts > 0);
  progress.say(`${one.name}: ${pods.length} pods, ${bad.length} of them not ready, not running, or restarted: ${bad.map(pod => pod.name).join(' ')}`);
  findings.add(`${one.name}: pods that are not ready, pending or restarted, of ${pods.length}`, bad.length, 'pods', { goal: 0 });
  findings.add(`${one.name}: host pods that a restricted namespace accepts, or rejects without the reason`, await unclearRejections(cluster, one), 'workloads', { goal: 0 });
}

/** Workloads for which a namespace with Pod Security `restricted` does not name the host network as its reason. */
async function unclearRejections(cluster: ScenarioContext['cluster'], one: Example): Promise<number> {
  const metadata = { name: 'restricted', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } };
  await cluster.apply(writeObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata }]), '--server-side');
  const workloads = objectsOf(one).filter(object => object.spec?.template?.spec?.hostNetwork);
  const accounts = workloads.map(({ spec }) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: spec.template.spec.serviceAccountName, namespace: 'restricted' } }));
  if (accounts.length > 0) await cluster.apply(writeObjects(accounts), '--server-side', '--force-conflicts');
  let unclear = 0;
  for (const { metadata: { name }, spec } of workloads) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'restricted' }, spec: spec.template.spec };
    const answer = await cluster.apply(writeObjects([pod]), '--dry-run=server').catch((error: unknown) => error);
    const clear = answer instanceof CommandFailed && /violates PodSecurity "restricted:latest".*host namespaces \(hostNetwork=true\)/.test(answer.stderr);
    unclear += clear ? 0 : 1;
  }
  return unclear;
}
