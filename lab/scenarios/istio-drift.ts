// istio-drift: compares each field of the library's host gateway pod with the pod that the real injector makes of the same gateway on the
// pod network. lab/drift-table.json has each allowed difference and its reason

import { Cluster } from '../cluster/cluster';
import { KubeObject, writeObjects } from '../cluster/objects';
import { removeNamespaces } from '../cluster/pods';
import { deviations, fieldsOf } from '../edge/drift';
import { Findings } from '../findings';
import { Scenario } from '../scenario';
import { GATEWAYS_TO_INJECT, podToInject, writtenPod } from '../variants/gateways-to-inject';

export const istioDrift: Scenario = {
  name: 'istio-drift',
  title: 'real injector: the pod of a host gateway against the one that istiod would have written, by the table of differences',
  run: async ({ cluster, edges, profile, progress }) => {
    const findings = new Findings('istio-drift', profile);
    for (const gateway of GATEWAYS_TO_INJECT) {
      await edges.mesh(gateway.mesh);
      const pods = { injected: await injected(cluster, podToInject(gateway)), written: writtenPod(gateway) };
      for (const writer of ['injected', 'written'] as const) {
        const fields = fieldsOf(pods[writer]);
        const unexplained = deviations(fields, gateway.name, writer);
        unexplained.forEach(text => progress.say(text));
        const criterion = `${gateway.name}: fields of the ${writer} pod that are not as lab/drift-table.json has them, of ${Object.keys(fields).length}`;
        findings.add(criterion, unexplained.length, 'fields', { goal: 0 });
      }
    }
    return findings.results;
  },
};

/** A dry run calls the webhooks and makes no pod. */
async function injected(cluster: Cluster, pod: KubeObject): Promise<KubeObject> {
  const { namespace = '' } = pod.metadata;
  const { serviceAccountName } = pod.spec as { serviceAccountName: string };
  const around: KubeObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccountName, namespace } },
  ];
  await cluster.apply(writeObjects(around));
  try {
    return JSON.parse(await cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], { input: writeObjects([pod]) })) as KubeObject;
  } finally {
    await removeNamespaces(cluster, [namespace]);
  }
}
