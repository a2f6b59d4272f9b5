// the whole front door: virtual IP → front proxy → gateway, or gateway on the host
import type { Construct } from 'constructs';
import { makeEntry } from './added-entry';
import { makeParts } from './edge-parts';
import type { MeshEdgeEntryOptions } from './entry-options';
import { Exposures } from './exposures';
import { gatewayAnnotations } from './external-dns';
import { renderMermaid } from './mermaid';
import { MeshEdgeEntry } from './mesh-edge-entry';
import type { MeshEdgeProps } from './mesh-edge-props';
import { RouteApi } from './route-api';
import type { FrontProxy } from '../front/front-proxy';
import type { HostNetworkIngressGateway } from '../gateway/host-network-ingress-gateway';
import type { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { ownCopy } from '../validation/own-copy';
import { validateCall, validateNew } from '../validation/shapes';
import type { KeepalivedVip } from '../vip/keepalived-vip';
import type { VirtualAddress } from '../vip/virtual-address';
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
export class MeshEdge extends MeshEdgeEntry {
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

  /**
   * The edge's own virtual addresses, without those of further entries.
   */
  public readonly virtualAddresses: VirtualAddress[];

  private readonly props: MeshEdgeProps;
  private readonly entries: MeshEdgeEntry[] = [];
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
    const own = ownCopy(props);
    const { gateway, ingressGateway, hostGateway, frontProxy, vip } = makeParts(this, own);
    this.props = own;
    this.virtualAddresses = [...own.virtualAddresses ?? []];
    this.gateway = gateway;
    this.ingressGateway = ingressGateway;
    this.hostGateway = hostGateway;
    this.frontProxy = frontProxy;
    this.vip = vip;
    this.exposures = new Exposures(this, {
      gateway,
      frontProxy,
      openGatewayPort: openerOf(ingressGateway ?? hostGateway),
      routeApi: own.routeApi ?? RouteApi.ISTIO,
      istio: own.gateway?._istio ?? {},
      labels: own.labels ?? {},
      annotations: own.annotations ?? {},
      gatewayAnnotations: gatewayAnnotations(own, this.virtualAddresses),
    });
  }

  /**
   * Adds virtual addresses with a gateway of their own, on the same nodes and front proxies.
   *
   * Clients who connect to these addresses reach the gateway of the entry only. The edge itself is the first entry: it answers at its
   * own virtual addresses and at the addresses of the nodes. This is not a firewall: every client that can send packets to an address
   * can use it.
   *
   * @param id Part of the names of the entry's objects: lower-case letters, digits and dashes. It does not begin with `expose-`, `gateway-`, `tcp-`, `certificate-`, `grant-` or `backend-tls-`.
   * @param options Addresses, gateway and more.
   * @returns The entry, with its own `expose()`.
   * @throws entry-twice, entry-unsupported, entry-without-virtual-ip, entry-gateway-twice, address-twice, proxy-protocol-mismatch, vrid-clash and more
   */
  public addEntry(id: string, options: MeshEdgeEntryOptions): MeshEdgeEntry {
    validateCall('MeshEdge.addEntry', { id, options }, this.node.path);
    const { props, entries, gateway, frontProxy, vip } = this;
    const entry = makeEntry(id, options, { edge: this, props, parts: { gateway, frontProxy, vip }, entries: [this, ...entries] });
    entries.push(entry);
    return entry;
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
    const { props, frontProxy, entries } = this;
    return renderMermaid({
      nodes: props.nodes._describe(),
      frontProxy: frontProxy && { name: nameOf(frontProxy), ports: frontProxy._ports },
      entries: [this, ...entries].map(entry => entry._pictured()),
    });
  }

  /** @internal */
  protected _exposures(): Exposures {
    return this.exposures;
  }
}

function openerOf(gateway: IngressGateway | HostNetworkIngressGateway | undefined): ((port: number) => void) | undefined {
  return gateway && (port => gateway._addListener(port));
}
