// a real istiod on the cluster: put there, asked what it knows of its proxies, taken away

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

/** What istiod sends to a proxy, by its names in `SyncStatus`. A gateway gets no extension configurations here. */
const SENT = ['cluster', 'listener', 'route', 'endpoint'] as const;

/** What istiod knows of a proxy; as `istioctl proxy-status` reads it. */
export interface ProxyStatus {
  /** The pod. */
  readonly name: string;
  readonly cluster: string;
  /** Types of configuration that were sent and not acknowledged, and those that should have been sent and were not. */
  readonly unsynced: string[];
}

export class Istio {
  /** Removes what an interrupted run has left outside of namespaces: webhooks of an istiod that is gone refuse everything. */
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
      await istio.remove(); // its webhooks would refuse other scenarios' pods
      throw error;
    }
    return istio;
  }

  private constructor(private readonly cluster: Cluster, public mesh: Mesh) {}

  /** istiod's Deployment and Service. */
  public get name(): string {
    return revised('istiod', this.mesh);
  }

  /** Every proxy that is connected. */
  public async proxies(): Promise<ProxyStatus[]> {
    const known = readJson<{ [field: string]: string }[] | null>(await this.debug('syncz'));
    return (known ?? []).map(status => ({
      name: (status.proxy ?? '').split('.')[0],
      cluster: status.cluster_id ?? '',
      unsynced: SENT.filter(type => !status[`${type}_sent`] || status[`${type}_sent`] !== status[`${type}_acked`]),
    }));
  }

  /** One of istiod's debug pages. */
  public async debug(page: string): Promise<string> {
    const request = ['pilot-discovery', 'request', 'GET', `/debug/${page}`];
    return this.cluster.kubectl(['-n', this.mesh.namespace, 'exec', `deployment/${this.name}`, '--', ...request]);
  }

  public async logs(): Promise<string> {
    return this.cluster.kubectl(['-n', this.mesh.namespace, 'logs', `deployment/${this.name}`, '--tail=-1']);
  }

  /** As `helm upgrade` to a chart of this version: the new istiod runs, and has the webhooks. */
  public async upgrade(version: string): Promise<void> {
    this.mesh = { ...this.mesh, version };
    await this.start();
  }

  /** The CRDs stay: they disturb no other scenario, and installing them takes longest. */
  public async remove(): Promise<void> {
    await Istio.sweep(this.cluster);
    await removeNamespaces(this.cluster, [this.mesh.namespace]);
  }

  private async start(): Promise<void> {
    await this.cluster.apply(writeObjects(await controlPlane(this.cluster.istio, this.mesh)), ...APPLY);
    await this.cluster.kubectl(['-n', this.mesh.namespace, 'rollout', 'status', `deployment/${this.name}`, '--timeout=90s'], { seconds: 100 });
    await until('istiod\'s webhooks are in force', 60, () => this.webhooksInForce());
  }

  /** istiod itself writes its certificate into them, and makes the validator strict, when it can be reached. */
  private async webhooksInForce(): Promise<boolean> {
    const kinds = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';
    const found = JSON.parse(await this.cluster.kubectl(['get', kinds, '-l', `istio.io/rev=${this.mesh.revision}`, '-o', 'json'])) as { items: KubeObject[] };
    const webhooks = found.items.flatMap(({ webhooks: some }) => some as { failurePolicy: string; clientConfig: { caBundle?: string } }[]);
    return webhooks.length > 0 && webhooks.every(({ failurePolicy, clientConfig }) => failurePolicy === 'Fail' && clientConfig.caBundle);
  }
}

/** What Istio's programs answer; some print a line about their memory limit before it. */
export function readJson<T>(answer: string): T {
  return JSON.parse(answer.slice(Math.max(0, answer.search(/^(\[|\{|null)/m)))) as T;
}
