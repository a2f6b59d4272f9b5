// a real istiod on the cluster: installs it, asks it about its proxies, removes it

import { istioFile } from './build';
import { Cluster } from './cluster';
import { until } from './commands';
import { installGatewayApi } from './gateway-api';
import { controlPlane, Mesh, revised } from './istio-manifest';
import { KubeObject, writeObjects } from './objects';
import { removeNamespaces } from './pods';
import { Progress } from './progress';

const APPLY = ['--server-side', '--force-conflicts'];

/** Kinds of objects that outlive istiod's namespace. */
const CLUSTER_WIDE = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration', 'clusterrole', 'clusterrolebinding'];

/** Types of configuration in `SyncStatus`. A gateway gets no extension configurations here. */
const SENT = ['cluster', 'listener', 'route', 'endpoint'] as const;

/** What istiod knows about a proxy, as in `istioctl proxy-status`. */
export interface ProxyStatus {
  /** Name of the pod. */
  readonly name: string;
  readonly cluster: string;
  /** Types of configuration that were not sent, or not acknowledged. */
  readonly unsynced: string[];
}

export class Istio {
  /** Removes webhooks and roles of an interrupted run. Webhooks without an istiod reject everything. */
  public static async sweep(cluster: Cluster): Promise<void> {
    await cluster.kubectl(['delete', CLUSTER_WIDE.join(), '-l', 'app in (istiod, istio-reader, sidecar-injector)', '--ignore-not-found']);
  }

  /** Returns when istiod is ready and its webhooks are in force. */
  public static async install(cluster: Cluster, mesh: Mesh, progress: Progress): Promise<Istio> {
    const crds = istioFile(cluster.istio, 'crds');
    await progress.stage('CRDs of Istio and of Gateway API', async () => {
      await cluster.kubectl(['apply', ...APPLY, '-f', crds], { seconds: 120 });
      await installGatewayApi(cluster);
    });
    const istio = new Istio(cluster, mesh);
    try {
      await progress.stage(`${istio.name} in ${mesh.namespace}`, () => istio.start());
    } catch (error) {
      await istio.remove(); // its webhooks would reject the pods of other scenarios
      throw error;
    }
    return istio;
  }

  private constructor(private readonly cluster: Cluster, public mesh: Mesh) {}

  /** Name of istiod's Deployment and Service. */
  public get name(): string {
    return revised('istiod', this.mesh);
  }

  /** All connected proxies. */
  public async proxies(): Promise<ProxyStatus[]> {
    const known = readJson<{ [field: string]: string }[] | null>(await this.debug('syncz'));
    return (known ?? []).map(status => ({
      name: (status.proxy ?? '').split('.')[0],
      cluster: status.cluster_id ?? '',
      unsynced: SENT.filter(type => !status[`${type}_sent`] || status[`${type}_sent`] !== status[`${type}_acked`]),
    }));
  }

  /** Reads one of istiod's debug pages. */
  public async debug(page: string): Promise<string> {
    const request = ['pilot-discovery', 'request', 'GET', `/debug/${page}`];
    return this.cluster.kubectl(['-n', this.mesh.namespace, 'exec', `deployment/${this.name}`, '--', ...request]);
  }

  public async logs(): Promise<string> {
    return this.cluster.kubectl(['-n', this.mesh.namespace, 'logs', `deployment/${this.name}`, '--tail=-1']);
  }

  /** Upgrades istiod as `helm upgrade` does. Returns when its webhooks are in force. */
  public async upgrade(version: string): Promise<void> {
    this.mesh = { ...this.mesh, version };
    await this.start();
  }

  /** Removes istiod. The CRDs stay: they disturb no other scenario, and their installation is slow. */
  public async remove(): Promise<void> {
    await Istio.sweep(this.cluster);
    await removeNamespaces(this.cluster, [this.mesh.namespace]);
  }

  private async start(): Promise<void> {
    await this.cluster.apply(writeObjects(await controlPlane(this.cluster.istio, this.mesh)), ...APPLY);
    await this.cluster.kubectl(['-n', this.mesh.namespace, 'rollout', 'status', `deployment/${this.name}`, '--timeout=90s'], { seconds: 100 });
    await until('istiod\'s webhooks are in force', 60, () => this.webhooksInForce());
  }

  /** When istiod is reachable, it writes its certificate into the webhooks and makes validation strict. */
  private async webhooksInForce(): Promise<boolean> {
    const kinds = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';
    const found = JSON.parse(await this.cluster.kubectl(['get', kinds, '-l', `istio.io/rev=${this.mesh.revision}`, '-o', 'json'])) as { items: KubeObject[] };
    const webhooks = found.items.flatMap(({ webhooks: some }) => some as { failurePolicy: string; clientConfig: { caBundle?: string } }[]);
    return webhooks.length > 0 && webhooks.every(({ failurePolicy, clientConfig }) => failurePolicy === 'Fail' && clientConfig.caBundle);
  }
}

/** Reads JSON from Istio's programs. Some print a line about their memory limit before it. */
export function readJson<T>(answer: string): T {
  return JSON.parse(answer.slice(Math.max(0, answer.search(/^(\[|\{|null)/m)))) as T;
}
