// other pods and Services that take a port or an address of the edge
import { Check, Fault } from '../check';
import { Edge } from '../edge/edge';
import { KubeObject, nameOf } from '../edge/objects';
import { isPodOf, nodesFor } from '../edge/workload';
import { ClusterFacts } from '../facts';

/** Ports that a pod takes from its node. */
function takenBy({ spec }: KubeObject): number[] {
  const ports: { hostPort?: number; containerPort: number; protocol?: string }[] =
    spec.containers.flatMap(({ ports: declared = [] }: KubeObject) => declared);
  return ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .flatMap(({ hostPort, containerPort }) => hostPort ?? (spec.hostNetwork === true ? containerPort : []));
}

const hintOf = ({ metadata }: KubeObject) => /^svclb-/.test(metadata.name)
  ? 'switch off servicelb, and Traefik, in /etc/rancher/k3s/config.yaml: disable: [traefik, servicelb] (docs/prerequisites.md, k3s)'
  : 'remove that pod or keep it off the edge nodes, or give the edge other ports or nodes (docs/prerequisites.md)';

/** host-port-taken */
export const hostPortTaken: Check = {
  code: 'host-port-taken',
  severity: 'problem',
  finds: 'a pod on an edge node that has a port of the edge, with hostPort or on the host network: k3s servicelb, another ingress controller',
  run: ({ workloads }, { cluster }) => workloads.filter(({ hostPorts }) => hostPorts.length > 0).flatMap(workload => {
    const names = nodesFor(workload, cluster.nodes).map(({ metadata }) => metadata.name);
    const others = cluster.pods.filter(pod => names.includes(pod.spec.nodeName) && !['Succeeded', 'Failed'].includes(pod.status?.phase));
    return others.filter(pod => !workloads.some(one => isPodOf(one, pod)))
      .flatMap(pod => takenBy(pod).filter(port => workload.hostPorts.includes(port)).map(port => ({
        subject: `node ${pod.spec.nodeName}`,
        what: `TCP port ${port} of ${workload.name} belongs to another pod`,
        got: nameOf(pod),
        fix: hintOf(pod),
      })));
  }),
};

const addressesOf = ({ virtualIps }: Edge) => [...new Set(virtualIps.flatMap(({ addresses }) => addresses))];

const nodeAddresses = ({ nodes }: ClusterFacts) => nodes.flatMap(({ status }) => (status?.addresses ?? []) as { type: string; address: string }[])
  .filter(({ type }) => /IP$/.test(type)).map(({ address }) => address);

/** Addresses from outside at which a Service is reached. */
function outside({ spec, status }: KubeObject): string[] {
  const assigned = ((status?.loadBalancer?.ingress ?? []) as { ip?: string }[]).flatMap(({ ip }) => ip ?? []);
  return [...spec.externalIPs ?? [], ...spec.loadBalancerIP ? [spec.loadBalancerIP] : [], ...assigned];
}

/** service-takes-port */
export const serviceTakesPort: Check = {
  code: 'service-takes-port',
  severity: 'problem',
  finds: 'a Service whose node port or external address takes connections before any listener of the edge',
  run: (edge, { cluster }) => {
    const ports = [...new Set(edge.workloads.flatMap(({ hostPorts }) => hostPorts))];
    const local = nodeAddresses(cluster);
    return cluster.services.flatMap(service => ((service.spec.ports ?? []) as KubeObject[]).flatMap((entry): Fault[] => {
      const at = outside(service).find(address => local.includes(address));
      const taken = ports.includes(entry.nodePort) ? entry.nodePort : at !== undefined && ports.includes(entry.port) ? entry.port : undefined;
      return taken === undefined ? [] : [{
        subject: nameOf(service),
        what: `kube-proxy redirects TCP port ${taken} of the nodes to this Service, before the edge gets a connection`,
        got: taken === entry.nodePort ? `nodePort ${taken}` : `external address ${at}`,
        fix: taken === entry.nodePort ? 'choose another nodePort' : 'remove the external address; for k3s, disable servicelb; for an adopted gateway, use type ClusterIP',
      }];
    }));
  },
};

/** address-of-service */
export const addressOfService: Check = {
  code: 'address-of-service',
  severity: 'problem',
  finds: 'a virtual address that a Service or a node of this cluster has, such as from a pool of MetalLB',
  run: (edge, { cluster }) => addressesOf(edge).flatMap(address => [
    ...cluster.services.filter(service => outside(service).includes(address)).map(nameOf),
    ...cluster.nodes.filter(({ status }) => (status?.addresses ?? []).some((one: { address: string }) => one.address === address)).map(nameOf),
  ].map(owner => ({
    subject: `address ${address}`,
    what: 'something else in this cluster has the virtual address',
    got: owner,
    fix: 'choose a free address for VirtualAddress.of(), or exclude this one from the pool of the load balancer (MetalLB, Cilium, kube-vip)',
  }))),
};
