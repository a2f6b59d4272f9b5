// an edge that Prometheus watches, whose front proxies take few connections
import { MOST_CONNECTIONS } from './few-connections';
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';
import { Monitoring } from 'cdk8s-istio-edge';

/** The networks of the machines and of the pods. */
const FROM = ['192.0.2.0/24', '10.244.0.0/16'];

/** For the Prometheus operator, and without it. */
export const MONITORED: Example[] = [
  monitored('PodMonitor', Monitoring.podMonitor({ from: FROM })),
  monitored('annotations', Monitoring.annotations({ from: FROM })),
];

function monitored(how: string, monitoring: Monitoring): Example {
  return haEdgeWith(how, { monitoring, frontProxy: frontProxyOf('envoy', { maxConnections: MOST_CONNECTIONS }) });
}
