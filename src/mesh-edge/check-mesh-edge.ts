// which props of an edge contradict each other
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { FrontProxyKind, GatewayPlacement } from './mesh-edge-props';
import type { MeshEdgeProps } from './mesh-edge-props';
import { checkRouteApiValue } from './route-api';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IHostListener } from '../nodes/host-listener';
import { checkAddress } from '../validation/addresses';
import type { Problem } from '../validation/problem';
import { checkOneOf, checkThat } from '../validation/values';
import { checkWorkloadOptions } from '../workload/workload-options';

/** Everybody's: their Pod Security level is not the edge's to lower. */
const SHARED_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'istio-system'];

/** Whether the edge makes a gateway on the host network. */
export function isOnEdgeNodes({ frontProxy, gateway, gatewayPlacement }: MeshEdgeProps): boolean {
  return gateway === undefined && (frontProxy === FrontProxyKind.NONE || gatewayPlacement === GatewayPlacement.EDGE_NODES);
}

/** Whether clients reach a gateway at its nodes' own ports; this edge may not have made it. */
export function isHostGateway(gateway: IIngressGateway | (IIngressGateway & IHostListener)): gateway is IIngressGateway & IHostListener {
  return typeof (gateway as Partial<IHostListener>).toHostListenerConfig === 'function';
}

/** All problems with the composition; each part checks its own props. */
export function checkMeshEdge(scope: Construct, props: MeshEdgeProps): Problem[] {
  const none = props.frontProxy === FrontProxyKind.NONE;
  const onEdgeNodes = isOnEdgeNodes(props);
  const hasVip = props.virtualAddresses !== undefined || props.virtualAddressList !== undefined;
  return [
    ...checkOneOf('frontProxy', props.frontProxy, FrontProxyKind),
    ...checkRouteApiValue(props.routeApi),
    ...checkOneOf('gatewayPlacement', props.gatewayPlacement, GatewayPlacement),
    ...checkThat(!none || props.gatewayPlacement !== GatewayPlacement.POD_NETWORK, {
      code: 'gateway-without-front-proxy',
      what: 'gatewayPlacement is the pod network, and nothing stands before the gateway',
      got: props.frontProxy,
      fix: 'choose a front proxy, or leave gatewayPlacement out',
    }),
    ...checkThat(!none || props.gateway === undefined || answersClients(props.gateway), {
      code: 'gateway-without-front-proxy',
      what: 'gateway is given that no client reaches at the edge nodes, and nothing that would stand before it',
      got: props.frontProxy,
      fix: 'choose a front proxy, or give a gateway on the host network that is not for loopback only',
    }),
    ...unused(none, 'frontProxyOptions', props.frontProxyOptions, 'there is no front proxy'),
    ...unused(props.gateway !== undefined, 'gatewayPlacement', props.gatewayPlacement, 'this edge makes no gateway'),
    ...checkGivenMesh(props),
    ...unused(onEdgeNodes || props.gateway !== undefined, 'gatewayOptions', props.gatewayOptions, 'this edge makes no gateway on the pod network'),
    ...unused(!onEdgeNodes, 'hostGatewayOptions', props.hostGatewayOptions, 'this edge makes no gateway on the host network'),
    ...unused(!hasVip, 'vipOptions', props.vipOptions, 'there are no virtual addresses'),
    ...unused(!hasVip, 'networkInterface', props.networkInterface, 'there are no virtual addresses'),
    ...checkThat(props.virtualAddresses === undefined || props.virtualAddressList === undefined, {
      code: 'virtual-addresses-twice', what: 'both virtualAddresses and virtualAddressList are given', fix: 'leave one of the two out',
    }),
    ...(props.virtualAddresses ?? []).flatMap(address => checkAddress('virtual address', address)),
    ...checkWorkloadOptions({ labels: props.labels, annotations: props.annotations }),
    ...checkThat(!props.createNamespace || !SHARED_NAMESPACES.includes(Chart.of(scope).namespace ?? ''), {
      code: 'namespace-shared',
      what: 'createNamespace would relabel a namespace that is not the edge\'s own',
      got: Chart.of(scope).namespace,
      fix: 'give the chart a namespace of its own',
    }),
    ...checkThat(!props.createNamespace || Chart.of(scope).namespace !== undefined, {
      code: 'namespace-missing', what: 'createNamespace needs a chart with a namespace', fix: 'new Chart(app, id, { namespace })',
    }),
  ];
}

function answersClients(gateway: IIngressGateway): boolean {
  return isHostGateway(gateway) && gateway.toIngressGatewayConfig().bindAddress === undefined;
}

/** A gateway that is given has its mesh with it; only Gateway API's objects ask for a revision. */
function checkGivenMesh({ gateway, istio = {}, routeApi }: MeshEdgeProps): Problem[] {
  const unread = Object.entries(gateway === undefined ? {} : istio).filter(([option]) => option !== 'revision' || !routeApi?._isGatewayApi);
  return unread.flatMap(([option, value]) => unused(true, `istio.${option}`, value, 'the gateway that is given has its own'));
}

/** An option that nobody reads is a misunderstanding. */
function unused(isUnused: boolean, what: string, value: unknown, why: string): Problem[] {
  return checkThat(!isUnused || value === undefined, { code: 'option-unused', what: `${what} is given, but ${why}`, fix: 'leave it out' });
}
