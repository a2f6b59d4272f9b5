// the choice of an edge's gateway, with its options
import type { HostNetworkIngressGatewayOptions } from '../gateway/host-network-ingress-gateway';
import type { IngressGatewayOptions } from '../gateway/ingress-gateway';
import type { IIngressGateway } from '../gateway/ingress-gateway-config';
import type { IstioOptions } from '../gateway/istio-options';
import { validateCall } from '../validation/shapes';

/** The options of a gateway that the edge makes, or a gateway that exists. */
type Choice =
  | { readonly podNetwork: IngressGatewayOptions; readonly edgeNodes?: undefined; readonly existing?: undefined }
  | { readonly edgeNodes: HostNetworkIngressGatewayOptions; readonly podNetwork?: undefined; readonly existing?: undefined }
  | { readonly existing: IIngressGateway; readonly podNetwork?: undefined; readonly edgeNodes?: undefined };

/**
 * Which gateway a `MeshEdge` has, and where it runs.
 */
export class EdgeGateway {
  /**
   * `IngressGateway`: replicas on the pod network, anywhere in the cluster.
   *
   * @param options Options that replace its defaults.
   * @throws option-unknown, type-wrong
   */
  public static podNetwork(options: IngressGatewayOptions = {}): EdgeGateway {
    validateCall('EdgeGateway.podNetwork', { options });
    return new EdgeGateway({ podNetwork: options });
  }

  /**
   * `HostNetworkIngressGateway` on the host network of the edge nodes.
   *
   * Behind a front proxy it listens on 127.0.0.1 only: each front proxy sends to the gateway of its own node.
   *
   * @param options The mesh, and options that replace the defaults.
   * @throws option-unknown, option-missing, type-wrong
   */
  public static edgeNodes(options: HostNetworkIngressGatewayOptions): EdgeGateway {
    validateCall('EdgeGateway.edgeNodes', { options });
    return new EdgeGateway({ edgeNodes: options });
  }

  /**
   * A gateway that exists already, such as one that istiod deploys or `IngressGateway.fromService()`.
   *
   * Without a front proxy it must run on the host network of the same nodes, and must not listen on loopback only.
   *
   * @param gateway The gateway.
   * @throws option-missing, type-wrong
   */
  public static existing(gateway: IIngressGateway): EdgeGateway {
    validateCall('EdgeGateway.existing', { gateway });
    return new EdgeGateway({ existing: gateway });
  }

  /** @internal */
  public readonly _choice: Choice;

  private constructor(choice: Choice) {
    this._choice = choice;
  }

  /**
   * The mesh, from the gateway's options. It is empty for an existing gateway.
   *
   * @internal
   */
  public get _istio(): IstioOptions {
    const { podNetwork, edgeNodes } = this._choice;
    return (podNetwork ?? edgeNodes)?.istio ?? {};
  }
}
