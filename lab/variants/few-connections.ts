// front proxies with a low limit on connections
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';

export const MOST_CONNECTIONS = 40;

export function fewConnections(engine: Example['engine']): Example {
  return haEdgeWith('few-connections', { frontProxy: frontProxyOf(engine, { maxConnections: MOST_CONNECTIONS }) }, { engine });
}
