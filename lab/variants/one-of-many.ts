// front proxies with a low limit on connections and a limit for each client; for Envoy, the nodes limit each client
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';

export const MOST_OF_ALL = 120;
export const MOST_OF_ONE = 40;

export function oneOfMany(engine: Example['engine']): Example {
  const ofOne = engine === 'envoy' ? {} : { maxConnectionsPerClient: MOST_OF_ONE };
  return haEdgeWith('one-of-many', { frontProxy: frontProxyOf(engine, { maxConnections: MOST_OF_ALL, ...ofOne }) }, { engine });
}
