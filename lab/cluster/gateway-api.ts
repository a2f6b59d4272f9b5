// Gateway API on the cluster: its CRDs, which Istio does not install, and the status that istiod writes

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { istioFile } from './build';
import { ENGINES_BIN } from './cache';
import { Cluster } from './cluster';
import { KubeObject } from './objects';

const GROUP = 'gateway.networking.k8s.io';
const CRDS = join(dirname(ENGINES_BIN), 'crds');

/** Sets of CRDs that scripts/install-engines.sh installs. Only the last one has `TLSRoute` v1alpha2. */
export type GatewayApiRelease = '1.6-standard' | '1.5-standard' | '1.4-experimental';

/** Installs the CRDs. The default is the standard channel of the version that Istio is built with. */
export async function installGatewayApi(cluster: Cluster, release?: GatewayApiRelease): Promise<void> {
  const file = release ? crdsOf(release) : istioFile(cluster.istio, 'gatewayApi');
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', file], { seconds: 120 });
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'], { seconds: 70 });
}

/** Removes the CRDs, all their objects, and the policy that forbids an older release. */
export async function removeGatewayApi(cluster: Cluster): Promise<void> {
  const kinds = 'crd,validatingadmissionpolicy,validatingadmissionpolicybinding';
  const found = (await cluster.kubectl(['get', kinds, '-o', 'name'])).split('\n').filter(name => name.endsWith(`.${GROUP}`));
  if (found.length === 0) return;
  await readObjectsOnce(cluster);
  await cluster.kubectl(['delete', ...found], { seconds: 120 });
}

/**
 * Reads the objects of every CRD. A CRD that is deleted before its objects were ever read can stay for five minutes: the API server's
 * finalizer finds that their "storage is (re)initializing", tries again with an old copy of the CRD, and takes the conflict for a success.
 * @see https://github.com/kubernetes/kubernetes/pull/140485
 */
async function readObjectsOnce(cluster: Cluster): Promise<void> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'crd', '-o', 'json'])) as { items: KubeObject[] };
  for (const { spec: { group, names, versions } } of items.filter(({ spec }) => spec.group === GROUP)) {
    const stored = versions.find(({ storage }: { storage: boolean }) => storage);
    await cluster.kubectl(['get', '--raw', `/apis/${group}/${stored.name}/${names.plural}?limit=1`]);
  }
}

function crdsOf(release: GatewayApiRelease): string {
  const file = readdirSync(CRDS).find(name => name.startsWith(`gateway-api-${release}-`));
  if (!file) throw new Error(`no CRDs of Gateway API ${release} in ${CRDS}; scripts/install-engines.sh installs them`);
  return join(CRDS, file);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** Conditions that must be true. */
const WANTED = ['Accepted', 'Programmed', 'ResolvedRefs'];

/** The conditions that istiod has set on each Gateway, listener and route of a namespace. */
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
