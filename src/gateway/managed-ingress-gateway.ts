// Istio's ingress gateway on the pod network, its pods written by istiod
import type { ApiObject } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { gatewayMetadata, gatewaySelector, headlessName, makeGatewayService, makeHeadlessService } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
import { CLUSTER_DOMAIN } from './istio-options';
import { checkIstiodGateway, istiodName, makeIstiodGateway } from './istiod-gateway';
import { FILLED_IN, IstiodOverlay } from './istiod-overlay';
import { PodGateway } from './pod-gateway';
import type { PodGatewayProps } from './pod-gateway-options';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { throwIfAny } from '../validation/problem';
import { validateCall, validateNew } from '../validation/shapes';
import { removeFailed } from '../workload/failed-construct';
import { nameOf, namespaceOf } from '../workload/names';

/**
 * Properties for `ManagedIngressGateway`.
 */
export interface ManagedIngressGatewayProps extends PodGatewayProps {
  /**
   * Revision of the control plane that deploys the gateway, or a tag.
   *
   * @default - the default revision
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  readonly revision?: string;

  /**
   * DNS domain of the cluster.
   *
   * @default "cluster.local"
   */
  readonly clusterDomain?: string;
}

/**
 * Istio's ingress gateway as pods on the cluster's network, deployed by istiod.
 *
 * A `Gateway` of Gateway API, and a ConfigMap that istiod merges into the pods that it writes for it: they run the version of
 * istiod, and follow its upgrades. Run it behind a front proxy: through a headless Service a front proxy balances and checks each pod.
 *
 * Needs the CRDs of Gateway API, and Istio 1.26 or newer.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 */
export class ManagedIngressGateway extends Construct implements IIngressGateway {
  /**
   * The `Gateway`, whose pods, Service and ServiceAccount istiod makes.
   */
  public readonly gateway: ApiObject;

  /**
   * Service without a cluster IP, for front proxies.
   */
  public readonly headlessService: kplus.Service;

  private readonly pods: PodGateway;
  private readonly metadata: GatewayMetadata;
  private readonly clusterDomain: string;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Replicas, ports and more.
   * @throws option-unknown, type-wrong, replicas-and-autoscaling, port-reserved-by-gateway, port-reserved-by-istio and more
   */
  constructor(scope: Construct, id: string, props: ManagedIngressGatewayProps = {}) {
    validateNew('ManagedIngressGateway', new.target, scope, id, props);
    super(scope, id);
    try {
      this.pods = new PodGateway(props);
      this.clusterDomain = props.clusterDomain ?? CLUSTER_DOMAIN;
      throwIfAny([
        ...this.pods.check(),
        ...checkIstiodGateway(this.pods.listeners, props.revision, this.clusterDomain),
      ], this.node.path);

      this.metadata = gatewayMetadata(this, props);
      this.headlessService = makeHeadlessService(this, this.metadata, this.pods.listeners);
      this.gateway = makeIstiodGateway(this, { ...this.metadata, overlay: this.makeOverlay(), revision: props.revision });
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  /**
   * Labels of the gateway's pods: use them as the `selector` of an Istio `Gateway`.
   */
  public get selector(): { [key: string]: string } {
    return gatewaySelector(this);
  }

  /**
   * Where and how front proxies reach the gateway.
   */
  public toIngressGatewayConfig(): IngressGatewayConfig {
    return {
      serviceName: istiodName(nameOf(this)),
      headlessServiceName: headlessName(nameOf(this)),
      namespace: namespaceOf(this),
      clusterDomain: this.clusterDomain,
      ...this.pods.reachedBy(),
    };
  }

  /**
   * Allows traffic from these nodes only, with a NetworkPolicy.
   *
   * A peer that reaches a port with PROXY protocol can claim any client address.
   *
   * Health and metrics ports stay open. With some network plugins a node's traffic has another source address, such as that of
   * a tunnel: list it in `additionalCidrs`.
   *
   * @param nodes Nodes of the front proxies; their addresses must be known.
   * @param additionalCidrs More sources, such as `10.244.1.0/32`. Do not list the whole pod network: it allows every pod.
   * @throws addresses-unknown, cidr-invalid, cidr-host-bits, source-policy-twice
   */
  public allowTrafficOnlyFrom(nodes: EdgeNodes, additionalCidrs: string[] = []): void {
    validateCall('ManagedIngressGateway.allowTrafficOnlyFrom', { nodes, additionalCidrs }, this.node.path);
    this.pods.allowTrafficOnlyFrom(this, this.metadata, nodes, additionalCidrs);
  }

  private makeOverlay(): IstiodOverlay {
    const overlay = new IstiodOverlay(this.metadata.name);
    const { chart, serviceAccount } = overlay;
    makeGatewayService(chart, this.metadata, this.pods.listeners);
    const podAnnotations = this.pods.topologyAnnotation();
    this.pods.makeWorkload(chart, { ...this.metadata, podLabels: {}, podAnnotations, serviceAccount, image: FILLED_IN });
    return overlay;
  }
}
