// the whole front door: virtual IP → front proxy → gateway, or gateway on the host
import { Construct } from 'constructs';
import { isHostGateway } from './check-mesh-edge';
import { makeParts } from './edge-parts';
import type { ExposeOptions, ExposeTcpOptions, TlsPassthroughOptions } from './expose-options';
import type { ExposedHost } from './exposed-host';
import type { ExposedRoute } from './exposed-route';
import { Exposures } from './exposures';
import { renderMermaid } from './mermaid';
import type { MeshEdgeProps } from './mesh-edge-props';
import { RouteApi } from './route-api';
import type { FrontProxy } from '../front/front-proxy';
import type { HostNetworkIngressGateway } from '../gateway/host-network-ingress-gateway';
import type { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { validateCall, validateNew } from '../validation/shapes';
import type { KeepalivedVip } from '../vip/keepalived-vip';
import { nameOf } from '../workload/names';

/**
 * The front door of a mesh: virtual IP, front proxy and gateway, wired together.
 *
 * Client → virtual address:80/443 → front proxy (TCP, TLS untouched) → Istio's ingress gateway → service.
 *
 * With `EdgeFrontProxy.none()` the gateway itself answers on the edge nodes. With `EdgeGateway.edgeNodes()` each front proxy has a
 * gateway on its own node. Without virtual addresses clients reach the nodes by their own addresses. Every part is public.
 *
 * An error lists the problems of all parts. A front proxy is checked only if its gateway has none.
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

  private readonly nodes: EdgeNodes;
  private readonly exposures: Exposures;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, addresses, mesh and more.
   * @throws option-unknown, type-wrong, option-unused, interface-missing, nodes-too-few, gateway-without-front-proxy and more
   */
  constructor(scope: Construct, id: string, props: MeshEdgeProps) {
    validateNew('MeshEdge', new.target, scope, id, props);
    super(scope, id);
    const { gateway, ingressGateway, hostGateway, frontProxy, vip } = makeParts(this, props);
    this.gateway = gateway;
    this.ingressGateway = ingressGateway;
    this.hostGateway = hostGateway;
    this.frontProxy = frontProxy;
    this.vip = vip;
    this.nodes = props.nodes;
    this.exposures = new Exposures(this, {
      gateway,
      frontProxy,
      openGatewayPort: openerOf(ingressGateway ?? hostGateway),
      routeApi: props.routeApi ?? RouteApi.ISTIO,
      istio: props.gateway?._istio ?? {},
      labels: props.labels ?? {},
      annotations: props.annotations ?? {},
    });
  }

  /**
   * Opens a host to clients. Writes the objects of `routeApi`.
   *
   * With `tlsSecretName` the gateway serves HTTPS, and redirects HTTP to it. To add paths, call `addPath()` of the returned host.
   *
   * @param host Name in lower case: `shop.example.com`, or `*.example.com`.
   * @param options Service, port, TLS and more.
   * @returns The host, to which paths can be added.
   * @throws host-invalid, host-wildcard-invalid, host-twice, tls-secret-namespace, path-invalid, gateway-port-unknown and more
   */
  public expose(host: string, options: ExposeOptions): ExposedHost {
    validateCall('MeshEdge.expose', { host, options }, this.node.path);
    return this.exposures.add(host, options);
  }

  /**
   * Opens a host whose TLS passes through the gateway: the service itself has the certificate. Writes the objects of `routeApi`.
   *
   * The gateway finds the service by the server name that clients send (SNI). It cannot read requests, so such a host has one service
   * and no paths. Clients reach it on port 443.
   *
   * @param host Name in lower case: `vault.example.com`, or `*.example.com`.
   * @param options Service, port and redirect.
   * @returns The objects that open it.
   * @throws host-invalid, host-wildcard-invalid, host-twice, gateway-port-unknown, tls-route-version-unread and more
   */
  public exposeTlsPassthrough(host: string, options: TlsPassthroughOptions): ExposedRoute {
    validateCall('MeshEdge.exposeTlsPassthrough', { host, options }, this.node.path);
    return this.exposures.addPassthrough(host, options);
  }

  /**
   * Opens a TCP service on a port of its own, or TLS services on one port. Writes the objects of `routeApi`.
   *
   * The front proxy and the gateway open the port on their nodes and in their Services. An existing gateway must have it already.
   * With a `serverName`, several services share the port, and clients must speak TLS.
   *
   * @param edgePort Port that clients use: 1 to 65535, not 80, 443 or one of Istio's.
   * @param options Service, port and TLS.
   * @returns The objects that open it.
   * @throws port-out-of-range, port-reserved-by-edge, port-reserved-by-istio, port-twice, port-protocol-mixed, route-twice and more
   */
  public exposeTcp(edgePort: number, options: ExposeTcpOptions): ExposedRoute {
    validateCall('MeshEdge.exposeTcp', { edgePort, options }, this.node.path);
    return this.exposures.addTcp(edgePort, options);
  }

  /**
   * A picture of this edge, as the text of a Mermaid flowchart, which GitHub and GitLab draw.
   *
   * It shows the nodes, addresses, front proxy, gateway, and all services exposed so far, so call it last. The same edge gives the same
   * text. It does not show routes of your own, or those of `FrontProxy.addRoute()`.
   *
   * @see https://mermaid.js.org/syntax/flowchart.html
   */
  public toMermaid(): string {
    const { nodes, frontProxy, gateway } = this;
    const { namespace, serviceName, listeners } = gateway.toIngressGatewayConfig();
    return renderMermaid({
      nodes: nodes._describe(),
      frontProxy: frontProxy && { name: nameOf(frontProxy), ports: frontProxy.listeners.map(({ port }) => port) },
      entries: [{
        addresses: this.vip?.virtualAddresses.flatMap(({ addresses }) => addresses) ?? [],
        gateway: { name: `${namespace}/${serviceName}`, onNodes: isHostGateway(gateway), ports: listeners.map(({ port }) => port) },
        services: this.exposures.services(),
      }],
    });
  }
}

function openerOf(gateway: IngressGateway | HostNetworkIngressGateway | undefined): ((port: number) => void) | undefined {
  return gateway && (port => gateway._addListener(port));
}
