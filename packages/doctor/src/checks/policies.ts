// NetworkPolicies between the edge nodes and the gateway's pods
import { BlockList, isIPv6 } from 'net';
import { Check } from '../check';
import { Edge } from '../edge/edge';
import { KubeObject, limitsIngress, nameOf, selects } from '../edge/objects';
import { nodesFor, titleOf, Workload } from '../edge/workload';
import { Facts } from '../facts';

/** True if a CIDR block has this address. */
export function blockHas(cidr: string, address: string): boolean {
  const [network, prefix] = cidr.split('/');
  if (isIPv6(network) !== isIPv6(address)) {
    return false;
  }
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, family);
}

/** A node is no pod: only an ipBlock, or a rule without `from`, lets it in. */
function letsIn({ spec }: KubeObject, address: string, port: number): boolean {
  return ((spec.ingress ?? []) as KubeObject[]).some(({ from, ports }) =>
    (from === undefined || from.length === 0 || from.some(({ ipBlock }: KubeObject) =>
      ipBlock !== undefined && blockHas(ipBlock.cidr, address) && !(ipBlock.except ?? []).some((cidr: string) => blockHas(cidr, address))))
    && (ports === undefined || ports.length === 0 || ports.some((one: { port?: number | string; endPort?: number; protocol?: string }) =>
      (one.protocol ?? 'TCP') === 'TCP' && (one.port === undefined || (typeof one.port === 'number' && one.port <= port && port <= (one.endPort ?? one.port))))));
}

interface Way {
  readonly node: string;
  readonly source: string;
}

/** The edge nodes with a front proxy, and their addresses. A network plugin with a tunnel shows another one to the pods. */
function waysFrom({ workloads }: Edge, { cluster }: Facts): Way[] {
  const proxies = workloads.filter(({ role }) => role === 'front-proxy');
  return proxies.flatMap(proxy => nodesFor(proxy, cluster.nodes)).flatMap(({ metadata, status }) => {
    const addresses: { type: string; address: string }[] = status?.addresses ?? [];
    const own = addresses.find(({ type }) => type === 'InternalIP');
    return own === undefined ? [] : [{ node: metadata.name, source: own.address }];
  });
}

/** Target ports of the Services that select the gateway's pods. */
function portsOf(workload: Workload, { objects }: Edge): number[] {
  const services = objects.filter(({ kind, metadata, spec }) => kind === 'Service' && metadata.namespace === workload.namespace
    && selects({ matchLabels: spec.selector ?? {} }, workload.template.metadata.labels));
  const ports = services.flatMap(({ spec }) => spec.ports as KubeObject[]).map(({ port, targetPort }) => Number(targetPort ?? port));
  return [...new Set(ports)].filter(port => port !== 15021);
}

function policiesFor(workload: Workload, { objects }: Edge, { cluster }: Facts): KubeObject[] {
  const written = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const others = cluster.policies.filter(policy => !written.some(one => nameOf(one) === nameOf(policy)));
  return [...written, ...others].filter(policy => limitsIngress(policy, workload.namespace, workload.template.metadata.labels));
}

const onPodNetwork = ({ workloads }: Edge) => workloads.filter(({ role, hostNetwork }) => role === 'gateway' && !hostNetwork);

/** policy-drops-edge */
export const policyDropsEdge: Check = {
  code: 'policy-drops-edge',
  severity: 'problem',
  finds: 'a NetworkPolicy that drops connections of the edge nodes to the gateway',
  run: (edge, facts) => onPodNetwork(edge).flatMap(workload => {
    const policies = policiesFor(workload, edge, facts);
    return policies.length === 0 ? [] : waysFrom(edge, facts).flatMap(({ node, source }) => {
      const closed = portsOf(workload, edge).filter(port => !policies.some(policy => letsIn(policy, source, port)));
      return closed.length === 0 ? [] : [{
        subject: titleOf(workload),
        what: `no NetworkPolicy lets node ${node} reach port ${closed.join(', ')} of its pods; connections time out`,
        got: `${policies.map(nameOf).join(', ')}; the address of the node is ${source}`,
        fix: `allowTrafficOnlyFrom(nodes), or allow ${source} in one of these policies`,
      }];
    });
  }),
};

/** policy-cilium */
export const policyCilium: Check = {
  code: 'policy-cilium',
  severity: 'problem',
  finds: 'Cilium without `policyCIDRMatchMode=nodes`: `ipBlock` does not match nodes there',
  run: (edge, facts) => {
    const { ciliumCidrMode: mode } = facts.cluster;
    const closed = onPodNetwork(edge).filter(workload => policiesFor(workload, edge, facts).length > 0);
    return mode === undefined || mode.includes('nodes') || closed.length === 0 || !edge.workloads.some(({ role }) => role === 'front-proxy') ? [] : [{
      subject: 'Cilium',
      what: 'an ipBlock of a NetworkPolicy does not match nodes, so connections of the edge nodes to the gateway time out',
      got: `policy-cidr-match-mode: ${mode === '' ? 'not set' : mode}`,
      fix: 'helm upgrade cilium cilium/cilium -n kube-system --reuse-values --set policyCIDRMatchMode=nodes, then restart its agents',
    }];
  },
};
