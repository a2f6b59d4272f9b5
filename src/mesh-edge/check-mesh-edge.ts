// which props of an edge contradict each other
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { FrontProxyKind } from './mesh-edge-props';
import type { MeshEdgeProps } from './mesh-edge-props';
import type { Problem } from '../problem/problem';
import { problemUnless } from '../problem/values';

/** All problems with the composition; each part checks its own props. */
export function checkMeshEdge(scope: Construct, props: MeshEdgeProps): Problem[] {
  const none = props.frontProxy === FrontProxyKind.NONE;
  const hasVip = props.virtualAddresses !== undefined || props.virtualAddressList !== undefined;
  return [
    ...problemUnless(!none || props.gateway === undefined, {
      code: 'gateway-without-front-proxy',
      what: 'gateway is given, and nothing that would stand before it',
      got: props.frontProxy,
      fix: 'choose a front proxy, or leave gateway out for one on the host network',
    }),
    ...unused(none, 'frontProxyOptions', props.frontProxyOptions, 'there is no front proxy'),
    ...unused(none || props.gateway !== undefined, 'gatewayOptions', props.gatewayOptions, 'this edge makes no gateway on the pod network'),
    ...unused(!none, 'hostGatewayOptions', props.hostGatewayOptions, 'the gateway is not on the host network'),
    ...unused(!hasVip, 'vipOptions', props.vipOptions, 'there are no virtual addresses'),
    ...unused(!hasVip, 'networkInterface', props.networkInterface, 'there are no virtual addresses'),
    ...problemUnless(props.virtualAddresses === undefined || props.virtualAddressList === undefined, {
      code: 'virtual-addresses-twice', what: 'both virtualAddresses and virtualAddressList are given', fix: 'leave one of the two out',
    }),
    ...problemUnless(!props.createNamespace || Chart.of(scope).namespace !== undefined, {
      code: 'namespace-missing', what: 'createNamespace needs a chart with a namespace', fix: 'new Chart(app, id, { namespace })',
    }),
  ];
}

/** An option that nobody reads is a misunderstanding. */
function unused(isUnused: boolean, what: string, value: unknown, why: string): Problem[] {
  return problemUnless(!isUnused || value === undefined, { code: 'option-unused', what: `${what} is given, but ${why}`, fix: 'leave it out' });
}
