// an example's output on the cluster: applies it, checks its state, removes it

import { readdirSync } from 'node:fs';
import { isDeployedByIstiod, workloadsByIstiod } from './deployed-by-istiod';
import { Example, objectsOf } from './examples';
import { StandInOptions, withStandIns } from './stand-ins';
import { isRoute, withIstio } from './with-istio';
import { Cluster } from '../cluster/cluster';
import { succeeds, until } from '../cluster/commands';
import { Istio } from '../cluster/istio';
import { processesOfPod, readOrEmpty } from '../cluster/machine';
import { Node } from '../cluster/node';
import { KubeObject, writeObjects } from '../cluster/objects';
import { Pod, podsIn, removeNamespaces } from '../cluster/pods';
import { hostOf } from '../cluster/topology';
import { LoadReport } from '../traffic/reports';

/** Names of the library's workloads. */
export type Component = 'gateway' | 'front-proxy' | 'virtual-ip';

const APPLY = ['--server-side', '--validate=strict', '--force-conflicts'];

export class EdgeUnderTest {
  /** The objects to apply. */
  public readonly objects: KubeObject[];

  constructor(public readonly cluster: Cluster, public readonly example: Example, options: StandInOptions = {}, public readonly istio?: Istio) {
    const objects = objectsOf(example);
    this.objects = istio ? withIstio(example, objects, istio.mesh) : withStandIns(example, objects, options);
  }

  /** Edge nodes that run the example. */
  public get nodes(): Node[] {
    return this.cluster.edges.filter(node => this.example.nodes.includes(node.name));
  }

  /** The `address:port` that a client connects to. */
  public target(port = 80): string {
    return `${hostOf(this.example.address)}:${port}`;
  }

  /** The `address:port` of one node itself, in the same address family. */
  public targetOn({ spec: { ipv4, ipv6 } }: Node, port = 80): string {
    return `${this.example.address.includes(':') ? hostOf(ipv6) : ipv4}:${port}`;
  }

  /** Applies the objects; the routes come last, when all pods are ready. */
  public async apply(beforeRoutes?: (edge: EdgeUnderTest) => Promise<void>): Promise<void> {
    await this.cluster.apply(writeObjects(this.objects.filter(object => !isRoute(object))), ...APPLY);
    await this.rolledOut(120);
    await beforeRoutes?.(this);
    const routes = this.objects.filter(isRoute);
    if (routes.length > 0) await this.cluster.apply(writeObjects(routes), ...APPLY);
  }

  /** Returns when every workload is rolled out and no old pod is left. */
  public async rolledOut(seconds: number): Promise<void> {
    await Promise.all(this.workloads.map(async ({ kind, metadata }) => {
      const workload = ['-n', metadata.namespace ?? '', `${kind.toLowerCase()}/${metadata.name}`];
      // istiod makes its workload after it has seen the Gateway
      await until(`${workload[2]} exists`, 30, async () => this.cluster.kubectl(['get', ...workload]).then(() => true, () => false), 200);
      await this.cluster.kubectl(['rollout', 'status', ...workload, `--timeout=${seconds}s`], { seconds: seconds + 10 });
    }));
  }

  /** Removes its namespaces, and its objects in istiod's namespace. */
  public async remove(): Promise<void> {
    // remove the Gateways first: istiod would make their Deployments again
    const deployed = this.objects.filter(isDeployedByIstiod);
    if (deployed.length > 0) await this.cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: writeObjects(deployed) });
    await removeNamespaces(this.cluster, this.namespaces);
    const beside = this.objects.filter(({ metadata }) => metadata.namespace === this.istio?.mesh.namespace && this.istio);
    if (beside.length > 0) await this.cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: writeObjects(beside) });
  }

  /** The object of a component, to change and apply again. */
  public workload(component: Component): KubeObject {
    return this.find(this.workloads, object => isPart(object, component), component);
  }

  public configMap(component: Component): KubeObject {
    return this.find(this.objects, object => object.kind === 'ConfigMap' && isPart(object, component), component);
  }

  public async pods(component?: Component): Promise<Pod[]> {
    return podsIn(this.cluster, this.namespaces, ...component ? ['-l', `app.kubernetes.io/component=${component}`] : []);
  }

  /** The one pod of a component on a node. */
  public async podOn(node: Node, component: Component): Promise<Pod> {
    const found = (await this.pods(component)).filter(pod => pod.node === node.name && !pod.leaving);
    if (found.length !== 1) throw new Error(`${found.length} ${component} pods on ${node.name}`);
    return found[0];
  }

  /** Processes of the front proxy (or host gateway) on a node. Its pid 1 comes first. */
  public async frontProcesses(node: Node): Promise<number[]> {
    const { engine } = this.example;
    const pod = await this.podOn(node, engine === 'labtool' ? 'gateway' : 'front-proxy');
    const name = engine === 'labtool' && this.istio ? 'envoy' : engine;
    return processesOfPod(pod.uid).filter(pid => readOrEmpty(`/proc/${pid}/comm`).trim() === name).sort((a, b) => a - b);
  }

  /** keepalived's processes on a node: the parent, then its VRRP child. */
  public keepalivedProcesses(node: Node): number[] {
    return node.processes('keepalived').sort((a, b) => a - b);
  }

  /** The node that holds the virtual IP. Throws unless exactly one node does. */
  public async holder(): Promise<Node> {
    const [holder, second] = await this.cluster.holders(this.example.address);
    if (!holder || second) throw new Error(`the virtual IP is held by ${holder ? `${holder} and ${second}` : 'no node'}`);
    return this.cluster.edges.find(node => node.name === holder)!;
  }

  /** Another edge node than this one: of two, the other. */
  public other(than: Node): Node {
    return this.nodes.find(node => node.name !== than.name)!;
  }

  /** keepalived's state on a node: MASTER, BACKUP or FAULT; empty when it does not run. */
  public vrrpState(node: Node): string {
    const [pid] = this.keepalivedProcesses(node);
    const folder = `/proc/${pid}/root/run/keepalived`;
    const file = pid === undefined ? undefined : list(folder).find(name => name.endsWith('.state'));
    return file ? readOrEmpty(`${folder}/${file}`).trim() : '';
  }

  /** True when this node serves a client. With Istio it asks on 443, because 80 only redirects. */
  public async serves(node: Node, port = this.istio ? 443 : 80): Promise<boolean> {
    const url = `${port === 443 ? 'https' : 'http'}://${this.targetOn(node, port)}/`;
    return succeeds(this.cluster.client.inNetwork([this.cluster.labtool, 'get', '--timeout', '1s', '--host', 'shop.example.com', url]));
  }

  /** Returns when each node serves, one node holds the address, and all pods are ready. */
  public async settled(seconds = 60): Promise<void> {
    await this.allWell(seconds, async () => {
      const pending = (await this.pods()).filter(pod => !pod.ready || pod.leaving).map(pod => `${pod.name} is not ready or leaves`);
      return [...await this.unserved(), ...pending];
    });
  }

  /** The same without the pods' readiness, for when the API server is down. */
  public async settledByItself(seconds = 60): Promise<void> {
    await this.allWell(seconds, async () => this.unserved());
  }

  /** Settled, and every node sends to every gateway. After a gateway fault, DNS takes some seconds. */
  public async balanced(seconds = 60): Promise<void> {
    await this.settled(seconds);
    const names = (await this.pods('gateway')).map(pod => pod.name);
    await this.allWell(seconds, async () => {
      const seen = await Promise.all(this.nodes.map(async node => this.cluster.fromClient<LoadReport>(
        ['load', '--target', this.targetOn(node), '--count', '40', '--workers', '2', '--duration', '2s'], 10)));
      return names.filter(name => !seen.every(({ pods }) => pods[name] > 0)).map(name => `${name} does not serve through each node`);
    });
  }

  private get namespaces(): string[] {
    return this.objects.filter(object => object.kind === 'Namespace').map(object => object.metadata.name);
  }

  /** Waits until there are no complaints; the error lists the last ones. */
  private async allWell(seconds: number, complaints: () => Promise<string[]>): Promise<void> {
    let last: string[] = [];
    const ask = async () => {
      last = await complaints();
      return last.length === 0;
    };
    await until(`${this.example.name} is settled`, seconds, ask, 200).catch((error: Error) => {
      throw new Error([error.message, ...last].join('; '));
    });
  }

  /** Complaints: a node that does not serve, or VRRP states other than one MASTER, and BACKUP on the other nodes. */
  private async unserved(): Promise<string[]> {
    const serving = await Promise.all(this.nodes.map(node => this.serves(node)));
    const mute = this.nodes.filter((_, i) => !serving[i]).map(node => `no answer comes through ${node.name}`);
    if (!this.example.virtual) return mute;
    const states = this.nodes.map(node => this.vrrpState(node)).sort().join();
    const holders = await this.cluster.holders(this.example.address);
    return [...mute, ...states === [...this.nodes.slice(1).map(() => 'BACKUP'), 'MASTER'].join() && holders.length === 1 ? [] : [`VRRP states ${states}, held by ${holders.join()}`]];
  }

  private get workloads(): KubeObject[] {
    return [...this.objects.filter(({ kind }) => ['Deployment', 'DaemonSet'].includes(kind)), ...workloadsByIstiod(this.objects)];
  }

  private find(objects: KubeObject[], matches: (object: KubeObject) => boolean, what: string): KubeObject {
    const found = objects.find(matches);
    if (!found) throw new Error(`${this.example.name} has no ${what}`);
    return structuredClone(found);
  }
}

function isPart(object: KubeObject, component: Component): boolean {
  return object.metadata.labels?.['app.kubernetes.io/component'] === component;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
