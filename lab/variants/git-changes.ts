// the example ha-edge with one prop changed, as a commit in Git would do
import { Duration } from 'cdk8s';
import { haEdgeWith } from './ha-edge-with';
import { EdgeFrontProxy, EdgeGateway } from 'cdk8s-istio-edge';

export const MORE_REPLICAS = haEdgeWith('ha-edge', { gateway: EdgeGateway.podNetwork({ replicas: 3 }) });

export const SLOWER_CONNECT = haEdgeWith('ha-edge', { frontProxy: EdgeFrontProxy.envoy({ connectTimeout: Duration.millis(500) }) });
