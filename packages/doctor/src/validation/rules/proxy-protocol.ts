// gateways that read a PROXY header, and accept it from every pod
import { KubeObject, limitsIngress, nameOf } from '../../edge/objects';
import { PodOf } from '../pods';
import { Rule } from '../rule';

const ANNOTATION = 'proxy.istio.io/config';

const readsProxyHeader = ({ annotations }: PodOf) => /"?proxyProtocol"?\s*:/.test(String(annotations[ANNOTATION] ?? ''));

/** True if a policy limits who reaches the pod. Policies of network plugins select in their own ways: one in the manifests is enough. */
function limits(object: KubeObject, { namespace, labels }: PodOf): boolean {
  return object.kind === 'NetworkPolicy' ? limitsIngress(object, namespace, labels) : object.kind.endsWith('NetworkPolicy');
}

/** proxy-protocol-source */
export const proxyProtocolSource: Rule = {
  name: 'proxy-protocol-source',
  find: ({ objects, pods }) => pods
    // on the network of the node, such a gateway listens on 127.0.0.1 only: see gateway-bind
    .filter(pod => pod.spec.hostNetwork !== true && readsProxyHeader(pod) && !objects.some(object => limits(object, pod)))
    .map(pod => ({
      what: `the pods of ${nameOf(pod.object)} believe the client address in a PROXY header, and no NetworkPolicy selects them: any pod of the cluster can claim any client address`,
      places: [{ object: pod.object, location: `annotation ${ANNOTATION}: ${String(pod.annotations[ANNOTATION])}` }],
      fix: 'call allowTrafficOnlyFrom(nodes) of the gateway, or write a NetworkPolicy that lets only the front proxies in',
    })),
};
