// Istio's ingress gateway on the pod network: replicas behind a Service, completed by Istio's injector
import type * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { AdoptedGateway } from './adopted-gateway';
import type { IngressGatewayFromServiceOptions } from './adopted-gateway';
import { addServicePort, gatewayMetadata, gatewaySelector, headlessName, makeGatewayService, makeHeadlessService, makeIdentity } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
import { checkEdgeProfile, checkHub, checkMesh, meshOf, proxyImage } from './istio-options';
import type { IstioMesh, IstioOptions } from './istio-options';
import { PodGateway } from './pod-gateway';
import type { PodGatewayOptions, PodGatewayProps } from './pod-gateway-options';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { Registry } from '../nodes/registry';
import { imageIn } from '../validation/images';
import { throwIfAny } from '../validation/problem';
import { validateCall, validateNew } from '../validation/shapes';
import { removeFailed } from '../workload/failed-construct';
import { registerObjects, nameOf, namespaceOf } from '../workload/names';
import type { EdgeWorkloadOptions } from '../workload/workload-options';
import { checkReservedAnnotations } from '../workload/workload-options';

/**
 * Options of a gateway on the pod network, also for `EdgeGateway.podNetwork()`.
 */
export interface IngressGatewayOptions extends PodGatewayOptions, EdgeWorkloadOptions {
  /**
   * The mesh.
   *
   * With a `version` the pods run this version. Without it, each pod gets the version that istiod has when the pod starts.
   *
   * @default - Istio's defaults, and the version of istiod
   */
  readonly istio?: IstioOptions;
}

/**
 * Properties for `IngressGateway`.
 */
export interface IngressGatewayProps extends IngressGatewayOptions, PodGatewayProps {}

const OWN_ANNOTATIONS = { 'inject.istio.io/templates': 'gateway' };

/**
 * Istio's ingress gateway on the pod network, behind a front proxy.
 *
 * Through a headless Service beside the usual one, a front proxy balances and checks each pod.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/gateway/
 */
export class IngressGateway extends Construct implements IIngressGateway {
  /**
   * A gateway that is already installed, such as istioctl's `istio-ingressgateway`.
   *
   * @param scope Construct to which the reference belongs.
   * @param id Id of the reference; no object is made.
   * @param options The gateway's Service.
   * @throws name-invalid, list-empty, port-out-of-range, port-reserved-by-istio and more
   */
  public static fromService(scope: Construct, id: string, options: IngressGatewayFromServiceOptions): IIngressGateway {
    validateCall('IngressGateway.fromService', { scope, id, options });
    return new AdoptedGateway(scope, id, options);
  }

  /**
   * The Deployment.
   */
  public readonly workload: kplus.Deployment;

  /**
   * Service with a cluster IP.
   */
  public readonly service: kplus.Service;

  /**
   * Service without a cluster IP, for front proxies.
   */
  public readonly headlessService: kplus.Service;

  /**
   * Identity of the gateway.
   */
  public readonly serviceAccount: kplus.ServiceAccount;

  private readonly name: string;
  private readonly mesh: IstioMesh;
  private readonly pods: PodGateway;
  private readonly metadata: GatewayMetadata;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Mesh, replicas and more.
   * @throws option-unknown, type-wrong, replicas-and-autoscaling, cpu-request-missing, port-reserved-by-istio and more
   */
  constructor(scope: Construct, id: string, props: IngressGatewayProps = {}) {
    validateNew('IngressGateway', new.target, scope, id, props);
    super(scope, id);
    try {
      this.name = nameOf(this);
      this.mesh = meshOf(props.istio);
      this.pods = new PodGateway(props);
      throwIfAny([
        ...checkMesh(this.mesh),
        ...checkEdgeProfile(this.mesh, props.edgeProfile),
        ...checkHub(props.istio),
        ...checkReservedAnnotations(props.annotations, OWN_ANNOTATIONS),
        ...this.pods.check(),
      ], this.node.path);

      this.metadata = gatewayMetadata(this, props);
      this.serviceAccount = makeIdentity(this, this.metadata);
      this.service = makeGatewayService(this, this.metadata, this.pods.listeners);
      this.headlessService = makeHeadlessService(this, this.metadata, this.pods.listeners);
      this.workload = this.makeWorkload(props);
      registerObjects(this);
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
      serviceName: this.name,
      headlessServiceName: headlessName(this.name),
      namespace: namespaceOf(this),
      clusterDomain: this.mesh.clusterDomain,
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
    validateCall('IngressGateway.allowTrafficOnlyFrom', { nodes, additionalCidrs }, this.node.path);
    this.pods.allowTrafficOnlyFrom(this, this.metadata, nodes, additionalCidrs);
  }

  /**
   * Opens one more port in its pods and Services.
   *
   * @internal
   */
  public _addListener(port: number): void {
    this.pods.addListener(port, this.node.path);
    [this.service, this.headlessService].forEach(service => addServicePort(service, port, this.pods.listeners));
    Registry.of(this).noteChange();
  }

  /** The injector replaces `image: auto`, keeps any other image, and adds every field that is missing. */
  private makeWorkload(props: IngressGatewayProps): kplus.Deployment {
    return this.pods.makeWorkload(this, {
      ...this.metadata,
      podLabels: this.podLabels(),
      podAnnotations: this.podAnnotations(),
      serviceAccount: this.serviceAccount,
      image: this.image(props),
      imagePullPolicy: props.imagePullPolicy,
    });
  }

  private image({ image, imageRegistry }: IngressGatewayProps): string {
    const given = image ?? (this.mesh.version === undefined ? undefined : proxyImage(this.mesh));
    return given === undefined || given === 'auto' ? 'auto' : imageIn(imageRegistry, given);
  }

  private podLabels(): { [key: string]: string } {
    return {
      'sidecar.istio.io/inject': 'true',
      ...(this.mesh.revision && { 'istio.io/rev': this.mesh.revision }),
      ...(this.mesh.network && { 'topology.istio.io/network': this.mesh.network }),
    };
  }

  private podAnnotations(): { [key: string]: string } {
    return { ...OWN_ANNOTATIONS, ...this.pods.topologyAnnotation() };
  }
}
