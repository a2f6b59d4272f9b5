// asks the cluster. It changes nothing: pods are only offered to the API server with --dry-run, and keepalived's are asked with exec
import { clocksOf } from './clocks';
import { Kubectl, KubectlFailed } from './kubectl';
import { askKeepalived, countConnections } from './running-edge';
import { tryPods } from './try-pods';
import { Edge, namespacesOf } from '../edge/edge';
import { KubeObject } from '../edge/objects';
import { nodesFor } from '../edge/workload';
import { ClusterFacts, StoredCertificate, Unchecked } from '../facts';

/** Asks, and returns `none` if the answer is an error. */
export type Asked = <T>(what: string, none: T, ask: () => Promise<T>) => Promise<T>;

/** Notes what could not be asked, once. */
export function noting(unchecked: Unchecked[]): Asked {
  return async (what, none, ask) => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof KubectlFailed)) throw error;
      if (!error.notFound && !unchecked.some(one => one.what === what)) unchecked.push({ what, why: error.reason });
      return none;
    }
  };
}

/** Asks for everything that the checks need. Throws KubectlFailed if the cluster does not answer at all. */
export async function gatherCluster(edge: Edge, kubectl: Kubectl, asked: Asked): Promise<ClusterFacts> {
  const version = (await kubectl.json<{ serverVersion?: { gitVersion: string } }>(['version', '-o', 'json'])).serverVersion?.gitVersion;
  if (version === undefined) {
    throw new KubectlFailed(['version'], 'the API server does not answer');
  }
  const list = lister(kubectl, asked);
  const [nodes, namespaces, services] = await Promise.all([list('nodes', 'nodes'), list('namespaces', 'namespaces'), list('Services', 'services', '-A')]);
  const pods = await listPods(edge, nodes, kubectl, asked);
  const [kinds, istiod, workloads, policies, certificates, tried, ciliumCidrMode] = await Promise.all([
    kindsOf(edge, kubectl, asked),
    asked('istiod', undefined, async () => (await kubectl.json<{ items: KubeObject[] }>(['get', 'pods', '-A', '-l', 'app=istiod', '-o', 'json'])).items),
    inNamespaces(edge, 'daemonsets,deployments', list),
    inNamespaces(edge, 'networkpolicies', list),
    Promise.all(edge.certificates.map(({ namespace, secret }) => certificate(namespace, secret, kubectl, asked))),
    tryPods(edge, namespaces, kubectl, asked),
    asked('Cilium\'s settings', undefined, () => kubectl.run(['get', 'configmap', 'cilium-config', '-n', 'kube-system', '-o', 'jsonpath={.data.policy-cidr-match-mode}'])),
  ]);
  const [keepalived, connectionsLeft, clocks] = await Promise.all([
    askKeepalived(edge, pods, kubectl, asked),
    countConnections(edge, { nodes, pods }, kubectl, asked),
    clocksOf(hostsOf(edge, nodes), kubectl, asked),
  ]);
  const found = certificates.flatMap(one => one ?? []);
  const listed = { nodes, namespaces, services, pods, workloads, policies };
  const running = { keepalived, connectionsLeft, clocks };
  return { version, ...listed, ...running, kinds, istiod, certificates: found, tried, ciliumCidrMode };
}

type List = (what: string, ...args: string[]) => Promise<KubeObject[]>;

const lister = (kubectl: Kubectl, asked: Asked): List => (what, ...args) =>
  asked(what, [] as KubeObject[], async () => (await kubectl.json<{ items: KubeObject[] }>(['get', ...args, '-o', 'json'])).items);

const inNamespaces = async (edge: Edge, kinds: string, list: List) =>
  (await Promise.all(namespacesOf(edge).map(namespace => list(`${kinds} in ${namespace}`, kinds, '-n', namespace)))).flat();

/** Names of the nodes on which pods of the edge use the host network. */
function hostsOf({ workloads }: Edge, nodes: readonly KubeObject[]): string[] {
  const found = workloads.filter(({ hostNetwork }) => hostNetwork).flatMap(workload => nodesFor(workload, nodes));
  return [...new Set(found.map(({ metadata }) => metadata.name))];
}

/** Pods on the edge's nodes and in its namespaces, as they are now. */
export async function listPods(edge: Edge, nodes: readonly KubeObject[], kubectl: Kubectl, asked: Asked): Promise<KubeObject[]> {
  const list = lister(kubectl, asked);
  const onNodes = hostsOf(edge, nodes).map(node => list(`pods on ${node}`, 'pods', '-A', '--field-selector', `spec.nodeName=${node}`));
  return unique((await Promise.all([inNamespaces(edge, 'pods', list), ...onNodes])).flat());
}

function unique(objects: readonly KubeObject[]): KubeObject[] {
  return [...new Map(objects.map(object => [object.metadata.uid ?? object.metadata.name, object])).values()];
}

/** Only the API versions that the manifests use. One that the server does not have is empty. */
async function kindsOf({ objects }: Edge, kubectl: Kubectl, asked: Asked): Promise<ClusterFacts['kinds']> {
  const versions = [...new Set(objects.map(({ apiVersion }) => apiVersion))];
  const answers = await Promise.all(versions.map(version => asked<string[] | undefined>(`the kinds of ${version}`, undefined, () => kindsOfVersion(version, kubectl))));
  return Object.fromEntries(versions.flatMap((version, index) => answers[index] === undefined ? [] : [[version, answers[index]]]));
}

async function kindsOfVersion(version: string, kubectl: Kubectl): Promise<string[]> {
  try {
    const { resources } = await kubectl.json<{ resources: { kind: string }[] }>(['get', '--raw', version.includes('/') ? `/apis/${version}` : `/api/${version}`]);
    return resources.map(({ kind }) => kind);
  } catch (error) {
    if (error instanceof KubectlFailed && error.notFound) return [];
    throw error;
  }
}

/** Only the certificate leaves kubectl, not the private key. */
async function certificate(namespace: string, secret: string, kubectl: Kubectl, asked: Asked): Promise<StoredCertificate | undefined> {
  const args = ['get', 'secret', secret, '-n', namespace, '--ignore-not-found', '-o', 'go-template={{.kind}} {{index .data "tls.crt"}}'];
  const answer = await asked<string | undefined>(`Secret ${namespace}/${secret}`, undefined, () => kubectl.run(args));
  if (answer === undefined) {
    return undefined;
  }
  const [kind, encoded] = answer.trim().split(' ');
  return kind === '' ? { namespace, secret } : { namespace, secret, pem: encoded?.startsWith('<') ? '' : Buffer.from(encoded ?? '', 'base64').toString('utf8') };
}
