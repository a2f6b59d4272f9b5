// shared by all variants: the examples' nodes and chart, synthesized by the compiled library
import { App, Chart, Yaml } from 'cdk8s';
import { KubeObject, readObjects } from '../cluster/objects';
import { EdgeNodes } from 'cdk8s-istio-edge';

/** The nodes of the examples. */
export const TWO_NODES = EdgeNodes.of(
  { hostname: 'edge-1', address: '192.0.2.11' },
  { hostname: 'edge-2', address: '192.0.2.12' },
);

/** The objects of a chart like the examples'. */
export function synthesize(fill: (chart: Chart) => void): KubeObject[] {
  const chart = new Chart(new App(), 'edge', { namespace: 'istio-ingress' });
  fill(chart);
  return readObjects(Yaml.stringify(...chart.toJson() as object[]));
}
