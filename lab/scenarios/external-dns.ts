// external-dns: the real one reads what expose() writes, from the API server, and makes its records in its in-memory provider. No pod runs.
// istiod is not there: the lab writes its verdict on the routes of Gateway API, for which external-dns waits

import { istioFile } from '../cluster/build';
import { undoAll } from '../cluster/commands';
import { recordsOf } from '../cluster/external-dns';
import { installGatewayApi, removeGatewayApi } from '../cluster/gateway-api';
import { KubeObject, writeObjects } from '../cluster/objects';
import { removeNamespaces } from '../cluster/pods';
import { isRoute } from '../edge/with-istio';
import { Findings } from '../findings';
import { Scenario, ScenarioContext } from '../scenario';
import { PUBLISHED, publishedBy } from '../variants/published';
import { RouteApi } from 'cdk8s-istio-edge';

const NAMESPACE = 'istio-ingress';

/** Of external-dns 0.21 and older. */
const OLD_PREFIX = 'external-dns.alpha.kubernetes.io/';

interface Way {
  readonly api: RouteApi;
  readonly sources: string[];
}

const WAYS: Way[] = [
  { api: RouteApi.ISTIO, sources: ['istio-gateway'] },
  { api: RouteApi.ISTIO, sources: ['istio-virtualservice'] },
  { api: RouteApi.GATEWAY_API, sources: ['gateway-httproute', 'gateway-tlsroute'] },
];

export const externalDns: Scenario = {
  name: 'external-dns',
  title: 'real external-dns publishes each host with the virtual addresses of its entry, by Istio\'s API and by Gateway API',
  run: async context => {
    const { cluster, edges, profile, progress } = context;
    const findings = new Findings('external-dns', profile);
    await edges.clear();
    const crds = istioFile(cluster.istio, 'crds');
    try {
      await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', crds], { seconds: 120 });
      await installGatewayApi(cluster);
      for (const way of WAYS) {
        const all = Object.entries(PUBLISHED).flatMap(([host, records]) => records.map(record => `${host} ${record}`)).sort();
        await put(context, publishedBy(way.api));
        for (const prefix of [undefined, OLD_PREFIX]) {
          const records = await recordsOf(cluster, progress, way.sources, prefix);
          const name = `${way.sources.join(' and ')}, ${prefix ? 'the older' : 'the'} name of the annotation`;
          progress.say(`${name}: ${records.join(', ')}`);
          const wrong = [...records.filter(record => !all.includes(record)), ...all.filter(record => !records.includes(record))];
          findings.add(`${name}: records that are missing or wrong, of ${all.length}`, wrong.length, 'records', { goal: 0 });
        }
        await put(context, publishedBy(way.api, false));
        const unasked = await recordsOf(cluster, progress, way.sources);
        findings.add(`${way.sources.join(' and ')}: records without the option`, unasked.length, 'records', { goal: 0 });
      }
    } finally {
      await undoAll([
        () => removeNamespaces(cluster, [NAMESPACE]),
        () => removeGatewayApi(cluster),
        async () => { await cluster.kubectl(['delete', '--ignore-not-found', '-f', crds], { seconds: 120 }); },
      ]);
    }
    return findings.results;
  },
};

/** The routes of an edge, in a namespace without others. */
async function put({ cluster }: ScenarioContext, objects: KubeObject[]): Promise<void> {
  await removeNamespaces(cluster, [NAMESPACE]);
  const routes = objects.filter(isRoute);
  await cluster.apply(writeObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, ...routes]), '--server-side');
  await Promise.all(routes.filter(({ spec }) => spec.parentRefs).map(async route => {
    const kind = `${route.kind.toLowerCase()}s.gateway.networking.k8s.io`;
    await cluster.kubectl(['-n', NAMESPACE, 'patch', kind, route.metadata.name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: accepted(route) })]);
  }));
}

/** As istiod writes it. */
function accepted({ spec }: KubeObject): object {
  const condition = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 };
  const parentRefs = spec.parentRefs as object[];
  return { parents: parentRefs.map(parentRef => ({ parentRef, controllerName: 'istio.io/gateway-controller', conditions: [condition] })) };
}
