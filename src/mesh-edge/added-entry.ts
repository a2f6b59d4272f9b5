// makes one more entry of an edge: its gateway, its place in the front proxy, its addresses in the virtual IP
import type { Construct } from 'constructs';
import { checkEntry } from './check-entry';
import type { EntryContext } from './check-entry';
import { EdgeGateway } from './edge-gateway';
import { withShared } from './edge-parts';
import type { MeshEdgeEntryOptions } from './entry-options';
import { Exposures } from './exposures';
import { gatewayAnnotations } from './external-dns';
import { MeshEdgeEntry } from './mesh-edge-entry';
import type { MeshEdgeProps } from './mesh-edge-props';
import { RouteApi } from './route-api';
import { IngressGateway } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import { throwIfAny } from '../validation/problem';
import type { VirtualAddress } from '../vip/virtual-address';
import { removeFailed } from '../workload/failed-construct';

/** An entry beside the edge itself. */
class AddedEntry extends MeshEdgeEntry {
  public readonly gateway: IIngressGateway;
  public readonly ingressGateway?: IngressGateway;
  public readonly virtualAddresses: VirtualAddress[];
  private readonly exposed: Exposures;

  constructor(edge: Construct, id: string, options: MeshEdgeEntryOptions, { props, parts }: EntryContext) {
    super(edge, id);
    try {
      const choice = gatewayOf(options, props);
      const { podNetwork = {}, existing } = choice._choice;
      this.virtualAddresses = [...options.virtualAddresses];
      this.ingressGateway = existing ? undefined : new IngressGateway(this, 'gateway', {
        ...withShared(props, podNetwork),
        receivesProxyProtocol: options.preserveClientAddress ?? parts.gateway.toIngressGatewayConfig().receivesProxyProtocol,
      });
      this.gateway = existing ?? this.ingressGateway!;
      this.join(options, parts);
      this.exposed = new Exposures(this, {
        gateway: this.gateway,
        frontProxy: parts.frontProxy,
        frontEntry: id,
        openGatewayPort: this.ingressGateway && (port => this.ingressGateway!._addListener(port)),
        routeApi: props.routeApi ?? RouteApi.ISTIO,
        istio: choice._istio,
        labels: props.labels ?? {},
        annotations: props.annotations ?? {},
        gatewayAnnotations: gatewayAnnotations(props, this.virtualAddresses),
      });
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  /** @internal */
  protected _exposures(): Exposures {
    return this.exposed;
  }

  /** Both parts check first, so that neither changes if the other one cannot. */
  private join({ listeners }: MeshEdgeEntryOptions, { frontProxy, vip }: EntryContext['parts']): void {
    const addresses = this.virtualAddresses.flatMap(virtual => virtual.addresses);
    const entry = { name: this.node.id, addresses, gateway: this.gateway, listeners };
    throwIfAny([...frontProxy!._checkEntry(entry), ...vip!._checkAdded(this.virtualAddresses)], this.node.path);
    frontProxy!.addEntry(entry);
    this.virtualAddresses.forEach(address => vip!.addVirtualAddress(address));
  }
}

/** Makes the entry as a child of the edge. If it throws, neither the front proxy nor the virtual IP has changed. */
export function makeEntry(id: string, options: MeshEdgeEntryOptions, context: EntryContext): MeshEdgeEntry {
  throwIfAny(checkEntry(id, options, context), `${context.edge.node.path}/${id}`);
  return new AddedEntry(context.edge, id, options, context);
}

function gatewayOf({ gateway }: MeshEdgeEntryOptions, props: MeshEdgeProps): EdgeGateway {
  return gateway ?? (props.gateway?._choice.podNetwork ? props.gateway : EdgeGateway.podNetwork());
}
