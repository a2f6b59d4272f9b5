// gateways on the host network as a Deployment: two replicas, each on a node of its own
import { haEdgeWith } from './ha-edge-with';
import { Example } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway } from 'cdk8s-istio-edge';

export const HOST_GATEWAY_DEPLOYMENT: Example = haEdgeWith('host-gateway-deployment', {
  frontProxy: EdgeFrontProxy.none(),
  gateway: EdgeGateway.edgeNodes({ istio: { version: '1.31.0' }, replicas: 2 }),
}, { engine: 'labtool' });
