// gateways of a mesh without Istio's default names, with the profile EDGE
import { haEdgeWith } from './ha-edge-with';
import { ISTIO_VERSION } from '../cluster/build';
import { Mesh } from '../cluster/istio-manifest';
import { Example } from '../edge/examples';
import { EdgeFrontProxy, EdgeGateway } from 'cdk8s-istio-edge';

export const OTHER_MESH: Mesh = {
  version: ISTIO_VERSION, revision: 'canary', namespace: 'mesh-control', trustDomain: 'mesh.example.com', clusterName: 'bare-metal', clusterDomain: 'cluster.example',
};

/** Its pod is written out in full, so it needs all names. */
export const OTHER_MESH_ON_HOST: Example = haEdgeWith('host gateways of another mesh', {
  frontProxy: EdgeFrontProxy.none(),
  gateway: EdgeGateway.edgeNodes({ istio: OTHER_MESH, edgeProfile: true }),
}, { engine: 'labtool' });

/** The injector fills in the other names. */
export const OTHER_MESH_BEHIND_FRONT: Example = haEdgeWith('ha-edge in another mesh', {
  gateway: EdgeGateway.podNetwork({ istio: { revision: OTHER_MESH.revision, clusterDomain: OTHER_MESH.clusterDomain }, edgeProfile: true }),
});
