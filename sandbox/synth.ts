// synthesizes small charts and finds objects in them
import { App, Chart, Testing, Yaml } from 'cdk8s';
import type { ChartProps } from 'cdk8s';
import type { Construct } from 'constructs';
import { EdgeNodes, IngressGateway } from '../src';
import type { FrontProxyProps } from '../src';

/** A Kubernetes object, as kubectl would read it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Manifest = any;

/** Its App is not written and needs no folder; `Testing.app()` would leave a folder behind each time. */
export function chartOf(app: Construct = new App(), id: string = 'edge', props: ChartProps = { namespace: 'istio-ingress' }): Chart {
  return new Chart(app, id, props);
}

export const TWO_NODES = EdgeNodes.of({ hostname: 'edge-1', address: '192.0.2.11' }, { hostname: 'edge-2', address: '192.0.2.12' });

export function synth(chart: Chart): Manifest[] {
  return Testing.synth(chart);
}

/** The checksum at the end of a ConfigMap's name. Golden files cover the text. */
const CHECKSUM = /-[0-9a-f]{10}$/gm;

/** Name of an object; of a ConfigMap without the checksum. */
export function nameOf({ kind, metadata }: Manifest): string {
  return kind === 'ConfigMap' ? metadata.name.replace(CHECKSUM, '') : metadata.name;
}

/** The only object of a kind. If there are several, give its name without a checksum. */
export function only(manifests: Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(manifest => manifest.kind === kind && (name === undefined || nameOf(manifest) === name));
  if (found.length !== 1) {
    throw new Error(`${found.length} objects of kind ${kind} ${name ?? ''}, not one: ${manifests.map(m => `${m.kind}/${m.metadata.name}`).join(', ')}`);
  }
  return found[0];
}

export function podSpec(workload: Manifest): Manifest {
  return workload.spec.template.spec;
}

/** For snapshots, as a reviewer reads it. */
export function yamlOf(workload: Manifest): string {
  const copy = structuredClone(workload);
  delete copy.spec?.template.metadata.annotations['cdk8s-istio-edge/config-checksum'];
  return Yaml.stringify(copy).replace(CHECKSUM, '-<checksum>');
}

export function container(workload: Manifest, name?: string): Manifest {
  const { containers, initContainers = [] } = podSpec(workload);
  return name === undefined ? containers[0] : [...containers, ...initContainers].find((candidate: Manifest) => candidate.name === name);
}

/** Enough for a front proxy: two nodes and a gateway that takes no PROXY protocol. */
export function frontProps(chart: Chart): FrontProxyProps {
  return { nodes: TWO_NODES, gateway: new IngressGateway(chart, 'gateway') };
}

/** The message that `action` throws; an empty text if it does not throw. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
