// the example loopback-gateway with other front proxies
import { Example, LOOPBACK } from '../examples';
import { haEdgeWith } from './ha-edge-with';
import { GatewayPlacement } from 'cdk8s-istio-edge';

export function loopbackBehind(engine: Example['engine']): Example {
  const changes = { istio: { version: '1.31.0' }, gatewayPlacement: GatewayPlacement.EDGE_NODES };
  return engine === LOOPBACK.engine ? LOOPBACK : haEdgeWith(LOOPBACK.name, changes, { engine, gatewayOnEachNode: true });
}
