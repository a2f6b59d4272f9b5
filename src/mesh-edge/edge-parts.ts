// makes the parts of an edge and connects them: namespace, gateway, front proxy, virtual IP
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { checkRouteApi } from './check-exposure';
import { checkMeshEdge, isHostGateway, sharedOptions } from './check-mesh-edge';
import { EdgeFrontProxy } from './edge-front-proxy';
import { EdgeGateway } from './edge-gateway';
import type { MeshEdgeProps } from './mesh-edge-props';
import type { FrontProxy } from '../front/front-proxy';
import { checkGatewayAnswer } from '../gateway/check-gateway-answer';
import { HostNetworkIngressGateway } from '../gateway/host-network-ingress-gateway';
import type { HostNetworkIngressGatewayOptions } from '../gateway/host-network-ingress-gateway';
import { IngressGateway } from '../gateway/ingress-gateway';
import type { IngressGatewayOptions } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { makeMonitoring } from '../monitoring/edge-monitoring';
import { ErrorCollector } from '../validation/error-collector';
import { throwIfAny } from '../validation/problem';
import { KeepalivedVip } from '../vip/keepalived-vip';
import { removeFailed } from '../workload/failed-construct';
import { patchNamespace } from '../workload/kplus-patches';
import type { MetricsListener } from '../workload/metrics-listener';
import { registerObjects, namespaceOf, standardLabels } from '../workload/names';
import { checkWorkloadOptions } from '../workload/workload-options';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/** The parts of an edge. `gateway` is one of the next two, or an existing one. */
export interface EdgeParts {
  readonly gateway: IIngressGateway;
  readonly ingressGateway?: IngressGateway;
  readonly hostGateway?: HostNetworkIngressGateway;
  readonly frontProxy?: FrontProxy;
  readonly vip?: KeepalivedVip;
}

/**
 * Makes the parts as children of the edge. Throws the problems of all parts together, and removes the edge from the tree then, so that
 * no part of it is written. Only a front proxy whose gateway has problems is not checked.
 */
export function makeParts(edge: Construct, props: MeshEdgeProps): EdgeParts {
  try {
    return makeAll(edge, props);
  } catch (error) {
    removeFailed(edge);
    throw error;
  }
}

function makeAll(edge: Construct, props: MeshEdgeProps): EdgeParts {
  const { podNetwork, edgeNodes, existing } = (props.gateway ?? EdgeGateway.podNetwork())._choice;
  throwIfAny(existing ? checkGatewayAnswer(existing) : [], edge.node.path);
  // throws if the chart's namespace is not a name: every part would report that
  namespaceOf(edge);
  const errors = new ErrorCollector();
  const namespace = errors.attempt(() => {
    throwIfAny(checkMeshEdge(edge, props), edge.node.path);
    return props.createNamespace ? makeNamespace(edge, props) : undefined;
  });
  const given = withoutBadOptions(props);
  const ingressGateway = podNetwork && errors.attempt(() => makeIngressGateway(edge, podNetwork, given));
  const hostGateway = edgeNodes && errors.attempt(() => makeHostGateway(edge, edgeNodes, given));
  const gateway = existing ?? ingressGateway ?? hostGateway;
  const frontProxy = gateway && errors.attempt(() => makeFrontProxy(edge, gateway, given));
  const vip = errors.attempt(() => makeVip(edge, given));
  errors.attempt(() => throwIfAny(gateway ? checkRouteApi(gateway, props.routeApi) : [], edge.node.path));
  errors.throwIfAny();
  const parts: EdgeParts = { gateway: gateway!, ingressGateway, hostGateway, frontProxy, vip };
  trackListeners(parts);
  if (props.monitoring) {
    makeMonitoring(edge, props.monitoring, parts);
  }
  applyFirst(namespace, existing);
  return parts;
}

/** The edge has reported bad shared options already: its parts would report them again. */
function withoutBadOptions(props: MeshEdgeProps): MeshEdgeProps {
  const shared = sharedOptions(props);
  const none = Object.fromEntries(Object.keys(shared).map(option => [option, undefined]));
  return checkWorkloadOptions(shared).length === 0 ? props : { ...props, ...none };
}

function makeIngressGateway(edge: Construct, options: IngressGatewayOptions, props: MeshEdgeProps): IngressGateway {
  return new IngressGateway(edge, 'gateway', { ...withShared(props, options), receivesProxyProtocol: props.preserveClientAddress });
}

/** Behind a front proxy it listens on loopback only, so it can trust every PROXY header. */
function makeHostGateway(edge: Construct, options: HostNetworkIngressGatewayOptions, props: MeshEdgeProps): HostNetworkIngressGateway {
  const behindFront = { loopbackOnly: true, receivesProxyProtocol: props.preserveClientAddress };
  return new HostNetworkIngressGateway(edge, 'gateway', {
    ...withShared(props, options), ...(frontProxyOf(props)._make && behindFront), nodes: props.nodes,
  });
}

function makeFrontProxy(edge: Construct, gateway: IIngressGateway, props: MeshEdgeProps): FrontProxy | undefined {
  const { _make, _options } = frontProxyOf(props);
  return _make?.(edge, { ...withIpv6(props), ...metricsOf(props), ...withShared(props, _options), nodes: props.nodes, gateway });
}

function makeVip(edge: Construct, props: MeshEdgeProps): KeepalivedVip | undefined {
  const { nodes, networkInterface, virtualAddresses } = props;
  return virtualAddresses && new KeepalivedVip(edge, 'vip', {
    ...metricsOf(props), ...withShared(props, props.vip), nodes, networkInterface, virtualAddresses,
  });
}

function metricsOf({ monitoring }: MeshEdgeProps): { metrics?: MetricsListener } {
  return monitoring ? { metrics: { from: monitoring._options.from } } : {};
}

/** A virtual address must leave a node while the front proxy, or the gateway that each edge node needs, is down. */
function trackListeners({ gateway, frontProxy, vip }: EdgeParts): void {
  if (frontProxy) {
    vip?.track(frontProxy);
  }
  const loopbackOnly = gateway.toIngressGatewayConfig().bindAddress !== undefined;
  if (isHostGateway(gateway) && (loopbackOnly || !frontProxy)) {
    vip?.track(gateway);
  }
}

/** Its Pod Security level is `privileged`, because `baseline` forbids host network and NET_ADMIN. */
function makeNamespace(edge: Construct, { labels, annotations = {} }: MeshEdgeProps): k8s.KubeNamespace {
  const namespace = new k8s.KubeNamespace(edge, 'namespace', {
    metadata: {
      name: namespaceOf(edge),
      labels: { ...labels, ...standardLabels(edge, 'mesh-edge', 'namespace'), 'pod-security.kubernetes.io/enforce': 'privileged' },
      annotations: { ...annotations },
    },
  });
  patchNamespace(namespace);
  registerObjects(edge);
  return namespace;
}

/** An existing gateway in this namespace is applied after it. A dependency of other objects would only number the files. */
function applyFirst(namespace: k8s.KubeNamespace | undefined, existing: IIngressGateway | undefined): void {
  if (namespace && existing?.node.findAll().some(part => ApiObject.isApiObject(part) && part.metadata.namespace === namespace.name)) {
    existing.node.addDependency(namespace);
  }
}

function frontProxyOf({ frontProxy = EdgeFrontProxy.envoy() }: MeshEdgeProps): EdgeFrontProxy {
  return frontProxy;
}

/** An IPv6 virtual address needs a front proxy that listens on IPv6. */
function withIpv6({ virtualAddresses = [] }: MeshEdgeProps): { ipv6?: boolean } {
  return virtualAddresses.some(({ addresses }) => addresses.some(address => address.includes(':'))) ? { ipv6: true } : {};
}

/** Every part has the edge's labels and annotations, and can have more. Other shared options it can replace. */
export function withShared<T extends EdgeWorkloadOptions>(props: MeshEdgeProps, options: T = {} as T): T {
  const { labels, annotations, ...replaceable } = sharedOptions(props);
  // an explicit undefined counts as absent: it must not hide what the edge sets
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as T;
  return { ...replaceable, ...given, labels: { ...labels, ...options.labels }, annotations: { ...annotations, ...options.annotations } };
}
