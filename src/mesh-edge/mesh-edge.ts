// the whole front door: virtual IP → front proxy → gateway, or gateway on the host
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkMeshEdge, isHostGateway } from './check-mesh-edge';
import { EdgeFrontProxy } from './edge-front-proxy';
import { EdgeGateway } from './edge-gateway';
import type { EdgeNodesGatewayOptions, EdgePodNetworkGatewayOptions } from './edge-gateway';
import type { ExposeOptions } from './expose-options';
import type { ExposedHost } from './exposed-host';
import { Exposures } from './exposures';
import type { MeshEdgeProps } from './mesh-edge-props';
import { RouteApi } from './route-api';
import { checkGatewayAnswer } from '../front/check-front';
import type { FrontProxy } from '../front/front-proxy';
import { HostNetworkIngressGateway } from '../gateway/host-network-ingress-gateway';
import { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IHostListener } from '../nodes/host-listener';
import { throwIfAny } from '../validation/problem';
import { validateCall, validateNew } from '../validation/shapes';
import { KeepalivedVip } from '../vip/keepalived-vip';
import { patchNamespace } from '../workload/kplus-patches';
import { claimObjectNames, namespaceOf, standardLabels } from '../workload/names';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * The front door of a mesh: virtual IP, front proxy and gateway, wired together.
 *
 * Client → virtual address:80/443 → front proxy (TCP, TLS untouched) → Istio's ingress gateway → service.
 *
 * With `EdgeFrontProxy.none()` the gateway itself answers on the edge nodes. With `EdgeGateway.edgeNodes()` each front proxy has a
 * gateway on its own node. Without virtual addresses clients reach the nodes by their own addresses. Every part is public.
 */
export class MeshEdge extends Construct {
  /**
   * The gateway.
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
   * The front proxy, unless this edge has none.
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
    validateNew('MeshEdge', new.target, scope, id, props);
    super(scope, id);
    const { frontProxy = EdgeFrontProxy.envoy(), gateway = EdgeGateway.podNetwork() } = props;
    const { podNetwork, edgeNodes, existing } = gateway._choice;
    throwIfAny(existing ? checkGatewayAnswer(existing) : [], this.node.path);
    throwIfAny(checkMeshEdge(this, props), this.node.path);
    if (props.createNamespace) {
      this.makeNamespace(props, existing);
    }
    this.ingressGateway = podNetwork && this.makeIngressGateway(podNetwork, props);
    this.hostGateway = edgeNodes && this.makeHostGateway(edgeNodes, frontProxy, props);
    this.gateway = (existing ?? this.ingressGateway ?? this.hostGateway)!;
    this.frontProxy = this.makeFrontProxy(frontProxy, props);
    this.vip = this.makeVip(props);
    this.exposures = new Exposures(this, {
      gateway: this.gateway,
      frontProxy: this.frontProxy,
      routeApi: props.routeApi ?? RouteApi.ISTIO,
      istio: gateway._istio,
      labels: props.labels ?? {},
      annotations: props.annotations ?? {},
    });
  }

  /**
   * Opens a host to clients. Writes the objects of `routeApi`.
   *
   * With `tlsSecretName` the gateway serves HTTPS. With `tlsPassthrough` the service itself serves TLS. By default HTTP is
   * redirected in both cases. To add paths, call `addPath()` of the returned host.
   *
   * @param host Name in lower case: `shop.example.com`, or `*.example.com`.
   * @param options Service, port, TLS and more.
   * @returns The host, to which paths can be added.
   * @throws host-invalid, host-wildcard-invalid, host-twice, tls-conflict, tls-secret-namespace, path-invalid, gateway-port-unknown and more
   */
  public expose(host: string, options: ExposeOptions): ExposedHost {
    validateCall('MeshEdge.expose', { host, options }, this.node.path);
    return this.exposures.add(host, options);
  }

  private makeIngressGateway(options: EdgePodNetworkGatewayOptions, props: MeshEdgeProps): IngressGateway {
    return new IngressGateway(this, 'gateway', { ...withLabels(props, options), receivesProxyProtocol: props.preserveClientAddress });
  }

  /** Behind a front proxy it listens on loopback only, so it can trust every PROXY header. */
  private makeHostGateway(options: EdgeNodesGatewayOptions, frontProxy: EdgeFrontProxy, props: MeshEdgeProps): HostNetworkIngressGateway {
    const behindFront = { loopbackOnly: true, receivesProxyProtocol: props.preserveClientAddress };
    return new HostNetworkIngressGateway(this, 'gateway', { ...withLabels(props, options), ...(frontProxy._make && behindFront), nodes: props.nodes });
  }

  private makeFrontProxy({ _make, _options }: EdgeFrontProxy, props: MeshEdgeProps): FrontProxy | undefined {
    const { nodes, preserveClientAddress } = props;
    return _make?.(this, { ...withIpv6(props), ...withLabels(props, _options), nodes, preserveClientAddress, gateway: this.gateway });
  }

  private makeVip(props: MeshEdgeProps): KeepalivedVip | undefined {
    const { nodes, networkInterface, virtualAddresses } = props;
    if (virtualAddresses === undefined) {
      return undefined;
    }
    const vip = new KeepalivedVip(this, 'vip', { ...withLabels(props, props.vip), nodes, networkInterface, virtualAddresses });
    [this.frontProxy, this.nodesGateway()].forEach(listener => listener && vip.track(listener));
    return vip;
  }

  /** The gateway that each edge node needs. A virtual address must leave the node while this gateway is down. */
  private nodesGateway(): IHostListener | undefined {
    const { gateway } = this;
    const loopbackOnly = gateway.toIngressGatewayConfig().bindAddress !== undefined;
    return isHostGateway(gateway) && (loopbackOnly || !this.frontProxy) ? gateway : undefined;
  }

  /** Its Pod Security level is `privileged`, because `baseline` forbids host network and NET_ADMIN. */
  private makeNamespace({ labels, annotations = {} }: MeshEdgeProps, existing: IIngressGateway | undefined): void {
    const namespace = new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        name: namespaceOf(this),
        labels: { ...labels, ...standardLabels(this, 'mesh-edge', 'namespace'), 'pod-security.kubernetes.io/enforce': 'privileged' },
        annotations: { ...annotations },
      },
    });
    patchNamespace(namespace);
    claimObjectNames(this);
    // an existing gateway in this namespace is applied after it; a dependency without objects here would only number the files
    if (existing?.node.findAll().some(part => ApiObject.isApiObject(part) && part.metadata.namespace === namespaceOf(this))) {
      existing.node.addDependency(namespace);
    }
  }
}

/** An IPv6 virtual address needs a front proxy that listens on IPv6. */
function withIpv6({ virtualAddresses = [] }: MeshEdgeProps): { ipv6?: boolean } {
  return virtualAddresses.some(({ addresses }) => addresses.some(address => address.includes(':'))) ? { ipv6: true } : {};
}

/** Every part has the edge's labels and annotations, and can have more. */
function withLabels<T extends EdgeWorkloadOptions>({ labels, annotations }: MeshEdgeProps, options: T = {} as T): T {
  // an explicit undefined counts as absent: it must not hide what the edge sets
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as T;
  return { ...given, labels: { ...labels, ...options.labels }, annotations: { ...annotations, ...options.annotations } };
}
