// the example loopback-gateway with other front proxies
import { haEdgeWith } from './ha-edge-with';
import { Example, LOOPBACK } from '../edge/examples';
import { EdgeGateway } from 'cdk8s-istio-edge';

export function loopbackBehind(engine: Example['engine']): Example {
  const changes = { gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' } }) };
  return engine === LOOPBACK.engine ? LOOPBACK : haEdgeWith(LOOPBACK.name, changes, { engine, gatewayOnEachNode: true });
}
