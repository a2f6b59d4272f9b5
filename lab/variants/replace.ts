// front proxies with UpdateMode.REPLACE, as in most manifests: the old one ends before the new one starts
import { frontProxyOf, haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';
import { UpdateMode } from 'cdk8s-istio-edge';

export function replaceVariant(engine: Example['engine']): Example {
  return haEdgeWith('replace', { frontProxy: frontProxyOf(engine, { updateMode: UpdateMode.REPLACE }) }, { engine });
}
