// the one edge and the one mesh on the cluster, kept for the next scenario that needs the same

import { EdgeUnderTest } from './edge-under-test';
import { Example } from './examples';
import { StandInOptions } from './stand-ins';
import { Cluster } from '../cluster/cluster';
import { keepingError } from '../cluster/commands';
import { Istio } from '../cluster/istio';
import { DEFAULT_MESH, Mesh } from '../cluster/istio-manifest';
import { removeNamespaces } from '../cluster/pods';
import { Progress } from '../cluster/progress';

/** Runs when all pods are ready and no route is applied yet. */
export type BeforeRoutes = (edge: EdgeUnderTest) => Promise<void>;

/** Keeps the edge on the cluster, so that the next scenario can use it. */
export class Edges {
  private current?: { key: string; edge: EdgeUnderTest };
  private istio?: Istio;

  constructor(private readonly cluster: Cluster, private readonly progress: Progress) {}

  /** Removes what an interrupted run left in a lab that stayed up. */
  public async sweep(): Promise<void> {
    await Istio.sweep(this.cluster);
    const names = (await this.cluster.kubectl(['get', 'namespaces', '-o', 'name'])).split(/\s+/).map(name => name.replace('namespace/', ''));
    await removeNamespaces(this.cluster, names.filter(name => name && name !== 'default' && !name.startsWith('kube-')));
  }

  /** The settled edge of an example, with stand-ins. Applies it unless it is there already. */
  public async use(example: Example, options: StandInOptions = {}): Promise<EdgeUnderTest> {
    return this.settled(JSON.stringify([example.name, options]), async () => {
      await this.clearIstio();
      return new EdgeUnderTest(this.cluster, example, options);
    });
  }

  /** The settled edge of an example, unchanged, in a real mesh. `beforeRoutes` always applies it anew. */
  public async useWithIstio(example: Example, mesh: Mesh = DEFAULT_MESH, beforeRoutes?: BeforeRoutes): Promise<EdgeUnderTest> {
    return this.settled(JSON.stringify([example.name, mesh]), async () => {
      const istio = await this.istioFor(mesh);
      return new EdgeUnderTest(this.cluster, example, {}, istio);
    }, beforeRoutes);
  }

  /** A mesh without an edge. */
  public async mesh(mesh: Mesh): Promise<Istio> {
    await this.remove();
    return this.istioFor(mesh);
  }

  /** Removes the edge. Call it after a scenario that failed, or that changed the applied objects. Does not throw: see `cleanUpErrors()`. */
  public async clear(): Promise<void> {
    await keepingError(() => this.remove());
  }

  private async remove(): Promise<void> {
    const edge = this.current?.edge;
    this.current = undefined;
    if (edge) await this.progress.stage(`remove ${edge.example.name}`, () => edge.remove());
  }

  private async settled(key: string, make: () => Promise<EdgeUnderTest>, beforeRoutes?: BeforeRoutes): Promise<EdgeUnderTest> {
    if (this.current?.key !== key || beforeRoutes) {
      await this.remove();
      const made = await make();
      this.current = { key, edge: made };
      await this.progress.stage(`apply ${made.example.name}`, () => made.apply(beforeRoutes));
    }
    const { edge } = this.current!;
    await edge.settled();
    return edge;
  }

  private async istioFor(mesh: Mesh): Promise<Istio> {
    const { istio } = this;
    if (!istio || !isSame({ ...istio.mesh, version: mesh.version }, mesh)) {
      await this.clearIstio();
      this.istio = await Istio.install(this.cluster, mesh, this.progress);
    } else if (istio.mesh.version !== mesh.version) {
      await this.progress.stage(`istiod ${mesh.version}`, () => istio.upgrade(mesh.version));
    }
    return this.istio!;
  }

  /** Removes istiod, because it would change the pods of the stand-ins. */
  private async clearIstio(): Promise<void> {
    const istio = this.istio;
    this.istio = undefined;
    if (istio) await this.progress.stage('remove Istio', () => istio.remove());
  }
}

function isSame(one: Mesh, other: Mesh): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
