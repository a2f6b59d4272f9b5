// front proxies that are replaced the way most manifests do it: the old one ends before the new one begins
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';
import { UpdateMode } from 'cdk8s-istio-edge';

export function replaceVariant(engine: Example['engine']): Example {
  return haEdgeWith('replace', { frontProxy: frontProxyOf(engine, { updateMode: UpdateMode.REPLACE }) }, { engine });
}
