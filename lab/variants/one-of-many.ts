// front proxies that are full soon, and let no client have all of that; Envoy cannot, there the nodes do
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';

export const MOST_OF_ALL = 120;
export const MOST_OF_ONE = 40;

export function oneOfMany(engine: Example['engine']): Example {
  const ofOne = engine === 'envoy' ? {} : { maxConnectionsPerClient: MOST_OF_ONE };
  return haEdgeWith('one-of-many', { frontProxy: frontProxyOf(engine, { maxConnections: MOST_OF_ALL, ...ofOne }) }, { engine });
}
