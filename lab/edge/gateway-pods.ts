// reads the state of a gateway's pods under Istio: image, identities, rights, time until ready

import { EdgeUnderTest } from './edge-under-test';
import { Rights, wrongRights } from './rights';
import { Cluster } from '../cluster/cluster';
import { readJson } from '../cluster/istio';
import { containerProcesses, readOrEmpty } from '../cluster/machine';
import { KubeObject } from '../cluster/objects';

export interface GatewayPod {
  readonly name: string;
  readonly image: string;
  readonly node: string;
  readonly restarts: number;
  /** Seconds since creation; whole seconds, because the API server has no fractions. */
  readonly secondsToReady: number;
  /** SPIFFE identities in its workload certificates. */
  readonly identities: string[];
  /** Processes with another user, other capabilities or another setting than expected. */
  readonly wrongRights: string[];
}

/** uid 0, and only the capability NET_BIND_SERVICE. */
export const HOST_GATEWAY_RIGHTS: Rights = { uid: 0, capabilities: '0000000000000400' };

/** Istio's own user, without capabilities. */
export const POD_GATEWAY_RIGHTS: Rights = { uid: 1337, capabilities: '0000000000000000' };

/** The pods of an edge's own gateway. */
export async function gatewayPods({ cluster, objects }: EdgeUnderTest, rights: Rights): Promise<GatewayPod[]> {
  const workload = objects.find(({ kind, metadata }) => kind !== 'Service' && metadata.labels?.['app.kubernetes.io/component'] === 'gateway');
  const namespace = workload?.metadata.namespace ?? '';
  const select = ['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/component=gateway', '-o', 'json'];
  const pods = JSON.parse(await cluster.kubectl(select)).items as KubeObject[];
  return Promise.all(pods.map(pod => factsOf(cluster, pod, rights)));
}

async function factsOf(cluster: Cluster, { metadata, spec, status }: KubeObject, rights: Rights): Promise<GatewayPod> {
  const { uid, creationTimestamp } = metadata as unknown as { uid: string; creationTimestamp: string };
  const ready = (status.conditions as { type: string; status: string; lastTransitionTime: string }[]).find(({ type }) => type === 'Ready');
  const seconds = ready?.status === 'True' ? (Date.parse(ready.lastTransitionTime) - Date.parse(creationTimestamp)) / 1000 : Infinity;
  return {
    name: metadata.name,
    image: spec.containers[0].image,
    node: spec.nodeName,
    restarts: status.containerStatuses[0].restartCount,
    secondsToReady: seconds,
    identities: await identitiesOf(cluster, metadata.namespace ?? '', metadata.name),
    wrongRights: containerProcesses(uid).flatMap(pid => [
      ...wrongRights(pid, rights),
      ...nameServerOf(pid) === cluster.dnsAddress ? [] : [`process ${pid} has the name server ${nameServerOf(pid)}`],
    ]),
  };
}

/** Asks Envoy through the agent, as `istioctl proxy-config secret` does. */
async function identitiesOf(cluster: Cluster, namespace: string, name: string): Promise<string[]> {
  const text = await cluster.kubectl(['-n', namespace, 'exec', name, '-c', 'istio-proxy', '--', 'pilot-agent', 'request', 'GET', 'certs']);
  const { certificates } = readJson<Certificates>(text);
  const names = certificates.flatMap(({ cert_chain: chain }) => chain).flatMap(({ subject_alt_names: some }) => some);
  return [...new Set(names.flatMap(({ uri }) => uri ?? []))];
}

/** Envoy's admin endpoint returns them in this form. */
interface Certificates {
  readonly certificates: { readonly cert_chain: { readonly subject_alt_names: { readonly uri?: string }[] }[] }[];
}

function nameServerOf(pid: number): string {
  return /^nameserver (.*)$/m.exec(readOrEmpty(`/proc/${pid}/root/etc/resolv.conf`))?.[1] ?? 'none';
}
