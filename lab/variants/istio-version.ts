// the topologies with a version of Istio in their props; an upgrade changes only this version
import { haEdgeWith } from './ha-edge-with';
import { Example, HA_EDGE, LOOPBACK, example } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway } from 'cdk8s-istio-edge';

/** An edge for each version of Istio. */
export type Upgradable = (version: string) => Example;

/** T3, and T2 at the addresses of its nodes: gateways on the pod network. */
export function behindFronts(engine: Example['engine']): Upgradable {
  return version => haEdgeWith(`ha-edge, Istio ${version}`, { gateway: EdgeGateway.podNetwork({ istio: { version } }) }, { engine });
}

/** T4. */
export const onHosts: Upgradable = version => haEdgeWith(
  `host-gateways-vip, Istio ${version}`,
  { gateway: EdgeGateway.edgeNodes({ istio: { version } }), frontProxy: EdgeFrontProxy.none() },
  example('host-gateways-vip'),
);

/** T5. */
export const onLoopback: Upgradable = version => haEdgeWith(
  `loopback-gateway, Istio ${version}`,
  { gateway: EdgeGateway.edgeNodes({ istio: { version } }) },
  { ...HA_EDGE, gatewayOnEachNode: LOOPBACK.gatewayOnEachNode },
);
