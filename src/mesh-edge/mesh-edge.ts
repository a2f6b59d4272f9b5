// the whole front door: virtual IP → front proxy → gateway, or gateway on the host
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkMeshEdge, isHostGateway, isOnEdgeNodes } from './check-mesh-edge';
import type { ExposeOptions } from './expose-options';
import { Exposures } from './exposures';
import { FrontProxyKind } from './mesh-edge-props';
import type { MeshEdgeProps } from './mesh-edge-props';
import { RouteApi } from './route-api';
import { FrontEnvoy } from '../front/front-envoy';
import { FrontHaproxy } from '../front/front-haproxy';
import { FrontNginx } from '../front/front-nginx';
import type { FrontProxy } from '../front/front-proxy';
import type { FrontProxyProps } from '../front/front-proxy-props';
import { HostNetworkIngressGateway } from '../gateway/host-network-ingress-gateway';
import { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { mustBeNodes } from '../nodes/edge-nodes';
import type { IHostListener } from '../nodes/host-listener';
import { throwIfAny } from '../validation/problem';
import { KeepalivedVip } from '../vip/keepalived-vip';
import { VirtualAddress } from '../vip/virtual-address';
import { patchNamespace } from '../workload/kplus-patches';
import { claimObjectNames, namespaceOf, standardLabels } from '../workload/names';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * The front door of a mesh: virtual IP, front proxy and gateway, wired together.
 *
 * Client → virtual address:80/443 → front proxy (TCP, TLS untouched) → Istio's ingress gateway → service.
 *
 * With `FrontProxyKind.NONE` the gateway itself answers on the edge nodes; with `GatewayPlacement.EDGE_NODES` each front proxy
 * has a gateway on its own node. Without virtual addresses clients reach the nodes by their own. Every part is public, for what this construct does not say.
 */
export class MeshEdge extends Construct {
  /**
   * The gateway, whoever made it.
   */
  public readonly gateway: IIngressGateway;

  /**
   * The gateway on the pod network, if this edge made one.
   */
  public readonly ingressGateway?: IngressGateway;

  /**
   * The gateway on the host network of the edge nodes, if this edge made one.
   */
  public readonly hostGateway?: HostNetworkIngressGateway;

  /**
   * The front proxy, unless `FrontProxyKind.NONE`.
   */
  public readonly frontProxy?: FrontProxy;

  /**
   * The virtual IP, if there are virtual addresses.
   */
  public readonly vip?: KeepalivedVip;

  private readonly exposures: Exposures;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, addresses, mesh and more.
   */
  constructor(scope: Construct, id: string, props: MeshEdgeProps) {
    super(scope, id);
    mustBeNodes(props?.nodes, this.node.path);
    throwIfAny(checkMeshEdge(this, props), this.node.path);
    if (props.createNamespace) {
      const namespace = this.makeNamespace(props);
      // what was made before must be applied after it; where there is nothing of the kind, cdk8s would number the files all the same
      if (props.gateway?.node.findAll().some(part => ApiObject.isApiObject(part) && part.metadata.namespace === namespaceOf(this))) {
        props.gateway.node.addDependency(namespace);
      }
    }
    if (isOnEdgeNodes(props)) {
      this.hostGateway = this.makeHostGateway(props);
    } else if (!props.gateway) {
      this.ingressGateway = this.makeGateway(props);
    }
    this.gateway = props.gateway ?? this.hostGateway ?? this.ingressGateway!;
    this.frontProxy = props.frontProxy === FrontProxyKind.NONE ? undefined : this.makeFrontProxy(props);
    this.vip = this.makeVip(props);
    this.exposures = new Exposures(this, {
      gateway: this.gateway,
      frontProxy: this.frontProxy,
      routeApi: props.routeApi ?? RouteApi.ISTIO,
      istioVersion: props.istio?.version,
      revision: props.istio?.revision,
      labels: props.labels ?? {},
      annotations: props.annotations ?? {},
    });
  }

  /**
   * Opens a service to the outside, by objects in the gateway's namespace; `routeApi` says which.
   *
   * With `tlsSecretName` the host is served over HTTPS, with `tlsPassthrough` the service itself speaks TLS; HTTP is redirected.
   * Called again with the same host, it adds a path.
   *
   * @param host `shop.example.com`, or `*.example.com`; lower case.
   * @param options Service, port, TLS, path and more.
   * @throws host-invalid, host-wildcard-invalid, route-twice, tls-conflict, tls-secret-namespace, path-invalid, gateway-port-unknown and more
   */
  public expose(host: string, options: ExposeOptions): void {
    this.exposures.add(host, options);
  }

  private makeGateway(props: MeshEdgeProps): IngressGateway {
    const receivesProxyProtocol = props.preserveClientAddress ?? false;
    return new IngressGateway(this, 'gateway', { receivesProxyProtocol, ...withLabels(props, props.gatewayOptions), istio: props.istio });
  }

  /** Behind a front proxy nobody else can reach it, so that it may believe every PROXY header. */
  private makeHostGateway(props: MeshEdgeProps): HostNetworkIngressGateway {
    const { nodes, istio = {}, frontProxy, preserveClientAddress } = props;
    const options = withLabels(props, props.hostGatewayOptions);
    const behindFront = { loopbackOnly: true, receivesProxyProtocol: options.receivesProxyProtocol ?? preserveClientAddress };
    return new HostNetworkIngressGateway(this, 'gateway', { ...options, ...(frontProxy !== FrontProxyKind.NONE && behindFront), nodes, istio });
  }

  private makeFrontProxy(props: MeshEdgeProps): FrontProxy {
    const { nodes, preserveClientAddress, frontProxyOptions } = props;
    const options = { ...withIpv6(props), ...withLabels(props, frontProxyOptions) };
    const frontProps: FrontProxyProps = { ...options, nodes, preserveClientAddress, gateway: this.gateway };
    switch (props.frontProxy) {
      case FrontProxyKind.HAPROXY: return new FrontHaproxy(this, 'front-haproxy', frontProps);
      case FrontProxyKind.NGINX: return new FrontNginx(this, 'front-nginx', frontProps);
      default: return new FrontEnvoy(this, 'front-envoy', frontProps);
    }
  }

  private makeVip(props: MeshEdgeProps): KeepalivedVip | undefined {
    const virtualAddresses = props.virtualAddressList ?? props.virtualAddresses?.map(address => VirtualAddress.of(address));
    if (virtualAddresses === undefined) {
      return undefined;
    }
    const { nodes, networkInterface, vipOptions } = props;
    const vip = new KeepalivedVip(this, 'vip', { ...withLabels(props, vipOptions), nodes, networkInterface, virtualAddresses });
    [this.frontProxy, this.nodesGateway()].forEach(listener => listener && vip.track(listener));
    return vip;
  }

  /** The gateway without which its node serves nobody: an address must not be there while it is away. */
  private nodesGateway(): IHostListener | undefined {
    const { gateway } = this;
    const loopbackOnly = gateway.toIngressGatewayConfig().bindAddress !== undefined;
    return isHostGateway(gateway) && (loopbackOnly || !this.frontProxy) ? gateway : undefined;
  }

  /** The level that allows host network and NET_ADMIN; `baseline` forbids both. */
  private makeNamespace({ labels, annotations = {} }: MeshEdgeProps): k8s.KubeNamespace {
    const namespace = new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        name: namespaceOf(this),
        labels: { ...labels, ...standardLabels(this, 'mesh-edge', 'namespace'), 'pod-security.kubernetes.io/enforce': 'privileged' },
        annotations: { ...annotations },
      },
    });
    patchNamespace(namespace);
    claimObjectNames(this);
    return namespace;
  }
}

/** An IPv6 virtual address is of use only where something listens on IPv6. */
function withIpv6({ virtualAddresses = [], virtualAddressList = [] }: MeshEdgeProps): { ipv6?: boolean } {
  const addresses = [...virtualAddresses, ...virtualAddressList.flatMap(virtualAddress => virtualAddress.addresses)];
  return addresses.some(address => address.includes(':')) ? { ipv6: true } : {};
}

/** The edge's labels and annotations are those of every part; a part may have more. */
function withLabels<T extends EdgeWorkloadOptions>({ labels, annotations }: MeshEdgeProps, options: T = {} as T): T {
  // an explicit undefined is as if it were not there: it may not hide what the edge gives
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as T;
  return { ...given, labels: { ...labels, ...options.labels }, annotations: { ...annotations, ...options.annotations } };
}
