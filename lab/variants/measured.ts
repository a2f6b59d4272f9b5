// front proxies and keepalived with metrics that only the worker may read
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';
import { Monitoring } from 'cdk8s-istio-edge';

/** Address of the only machine that may read the metrics. */
export const READER = '192.0.2.21';

export function measured(engine: Example['engine']): Example {
  return haEdgeWith('measured', { monitoring: Monitoring.annotations({ from: [`${READER}/32`] }), frontProxy: frontProxyOf(engine) }, { engine });
}
