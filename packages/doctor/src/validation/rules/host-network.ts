// fields that do not fit to the host network
import { nameOf } from '../../edge/objects';
import { isHostProxy, listOf, PodOf } from '../pods';
import { Rule } from '../rule';

/** `Default` is a choice: the node's own name servers. Istio's proxy needs the name of istiod. */
function lacksClusterDns(pod: PodOf): boolean {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  return policy === 'ClusterFirst' || (policy === 'Default' && isHostProxy(pod));
}

/** host-network-dns */
export const hostNetworkDns: Rule = {
  name: 'host-network-dns',
  find: ({ pods }) => pods.filter(pod => pod.spec.hostNetwork === true && lacksClusterDns(pod) && pod.workload?.madeByIstiod !== true).map(pod => ({
    what: `${nameOf(pod.object)} is on the host network and does not find names of the cluster, such as istiod: it asks the name servers of its node`,
    places: [{ object: pod.object, location: `${pod.path}.dnsPolicy: ${pod.spec.dnsPolicy ?? 'ClusterFirst, the default'}` }],
    fix: 'set dnsPolicy: ClusterFirstWithHostNet',
  })),
};

/** host-network-sysctl */
export const hostNetworkSysctl: Rule = {
  name: 'host-network-sysctl',
  find: ({ pods }) => pods.filter(({ spec }) => spec.hostNetwork === true)
    .flatMap(pod => listOf(pod.spec.securityContext?.sysctls).filter(({ name }) => String(name).startsWith('net.')).map(({ name }) => ({
      what: `the kubelet refuses each pod of ${nameOf(pod.object)}: a pod on the host network cannot have a sysctl net.*`,
      places: [{ object: pod.object, location: `${pod.path}.securityContext.sysctls: ${name}` }],
      fix: 'remove it, and set it on the nodes, in /etc/sysctl.d',
    }))),
};
