// Gateway API on the cluster: its CRDs, which Istio does not bring, and what istiod says of its objects

import { istioFile } from './build';
import { Cluster } from './cluster';
import { KubeObject } from './examples';

/** The standard channel, as its maintainers install it. */
export async function installGatewayApi(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', istioFile(cluster.istio, 'gatewayApi')], { seconds: 120 });
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'], { seconds: 70 });
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** Conditions that should be true, whatever else istiod has to say. */
const WANTED = ['Accepted', 'Programmed', 'ResolvedRefs'];

/** What istiod says of each Gateway, listener and route of a namespace. */
export async function conditionsIn(cluster: Cluster, namespace: string): Promise<{ object: string; met: boolean; message: string }[]> {
  const kinds = ['gateways', 'httproutes', 'tlsroutes'].map(name => `${name}.gateway.networking.k8s.io`).join();
  const { items } = JSON.parse(await cluster.kubectl(['-n', namespace, 'get', kinds, '-o', 'json'])) as { items: KubeObject[] };
  return items.flatMap(({ kind, metadata, status }) => {
    const holders = [status, ...status?.listeners ?? [], ...status?.parents ?? []] as { conditions?: Condition[] }[];
    const conditions = holders.flatMap(holder => holder?.conditions ?? []).filter(({ type }) => WANTED.includes(type));
    const object = `${kind} ${metadata.name}`;
    return conditions.length > 0
      ? conditions.map(({ type, status: is, message }) => ({ object, met: is === 'True', message: `${type}: ${message}` }))
      : [{ object, met: false, message: 'nothing is said of it' }];
  });
}
