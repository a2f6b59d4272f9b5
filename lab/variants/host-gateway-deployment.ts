// gateways on the host network as a Deployment: two replicas, each on a node of its own
import { Example } from '../examples';
import { haEdgeWith } from './ha-edge-with';
import { FrontProxyKind } from 'cdk8s-istio-edge';

export const HOST_GATEWAY_DEPLOYMENT: Example = haEdgeWith('host-gateway-deployment', {
  istio: { version: '1.31.0' },
  frontProxy: FrontProxyKind.NONE,
  preserveClientAddress: false,
  hostGatewayOptions: { replicas: 2 },
}, { engine: 'labtool' });
