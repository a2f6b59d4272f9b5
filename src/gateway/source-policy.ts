// a NetworkPolicy that limits a gateway's sources: a port with PROXY protocol trusts every peer that reaches it
import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { GatewayMetadata } from './gateway-objects';
import { GATEWAY_HEALTH_PORT } from './ingress-gateway-config';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { checkCidr, hostPrefix } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';
import { registerObjects } from '../workload/names';

/** Whose traffic a gateway accepts, and on which ports. */
export interface SourcePolicyProps extends GatewayMetadata {
  readonly nodes: EdgeNodes;
  readonly additionalCidrs: string[];
  /** Ports of the pods that clients use, as they are at synthesis. */
  readonly ports: () => number[];
}

/** Health, merged metrics and Envoy's metrics, for kubelets and monitoring. They never expect a PROXY header. */
const OPEN_PORTS = [GATEWAY_HEALTH_PORT, 15020, 15090];

/** All problems with the sources. */
export function checkSources(nodes: EdgeNodes, additionalCidrs: string[]): Problem[] {
  return [
    ...checkThat(nodes.nodes.length > 0, {
      code: 'addresses-unknown',
      what: 'a source policy needs nodes whose addresses are known',
      got: nodes._describe(),
      fix: 'list the nodes with EdgeNodes.of({ hostname, address }, …)',
    }),
    ...additionalCidrs.flatMap(cidr => checkCidr('additionalCidrs', cidr)),
  ];
}

/** Makes the NetworkPolicy. */
export function makeSourcePolicy(scope: Construct, props: SourcePolicyProps): void {
  const cidrs = [...props.nodes._addresses().map(address => `${address}/${hostPrefix(address)}`), ...props.additionalCidrs];
  const tcp = (ports: number[]) => ports.map(port => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) }));
  const policy = new k8s.KubeNetworkPolicy(scope, 'SourcePolicy', {
    metadata: { name: `${props.name}-sources`, namespace: props.namespace, labels: { ...props.labels }, annotations: { ...props.annotations } },
    spec: {
      podSelector: { matchLabels: { ...props.selector } },
      policyTypes: ['Ingress'],
      ingress: [
        { from: cidrs.map(cidr => ({ ipBlock: { cidr } })), ports: Lazy.any({ produce: () => tcp(props.ports()) }) },
        { ports: tcp(OPEN_PORTS) },
      ],
    },
  });
  registerObjects(policy);
}
