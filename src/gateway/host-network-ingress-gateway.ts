// Istio's ingress gateway on the nodes' own network
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { addServicePort, gatewayMetadata, gatewaySelector, ISTIO_PROXY_USER, makeGatewayService, makeIdentity } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import { HostGateway } from './host-gateway';
import type { HostGatewayOptions, HostGatewayProps } from './host-gateway-options';
import type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
import { checkEdgeProfile, checkMesh, meshOf, proxyImage } from './istio-options';
import type { HostIstioOptions, IstioMesh } from './istio-options';
import { IDENTITY_VOLUMES, proxyArgs, proxyEnvironment, writableMounts } from './istio-proxy-pod';
import type { HostListenerConfig, IHostListener } from '../nodes/host-listener';
import type { HostPort } from '../nodes/host-port';
import { imageIn } from '../validation/images';
import { throwIfAny } from '../validation/problem';
import { validateNew } from '../validation/shapes';
import { checkThat } from '../validation/values';
import { removeFailed } from '../workload/failed-construct';
import { patchPrivileges } from '../workload/kplus-patches';
import { registerObjects, nameOf, namespaceOf } from '../workload/names';
import { bindPorts, needsPrivilege } from '../workload/privileges';
import { checkReservedAnnotations } from '../workload/workload-options';
import type { EdgeWorkloadOptions } from '../workload/workload-options';

/**
 * Options of a gateway on the host network, without its nodes; also for `EdgeGateway.edgeNodes()`.
 */
export interface HostNetworkIngressGatewayOptions extends HostGatewayOptions, EdgeWorkloadOptions {
  /**
   * The mesh. It needs a `version`, or the gateway an `image`, because the pod is written out in full.
   */
  readonly istio: HostIstioOptions;
}

/**
 * Properties for `HostNetworkIngressGateway`.
 */
export interface HostNetworkIngressGatewayProps extends HostNetworkIngressGatewayOptions, HostGatewayProps {}

/**
 * Istio's ingress gateway on the host network of chosen nodes.
 *
 * Istio's chart has no `hostNetwork`, and its injector skips such pods, so the pod is written out in full: image,
 * arguments, environment, volumes and identity. A node can run one gateway, because Istio's proxy has fixed ports of its own.
 * Every client that reaches the node reaches ports 15020 and 15090: block them in its firewall.
 *
 * @see https://github.com/istio/istio/issues/33093
 */
export class HostNetworkIngressGateway extends Construct implements IIngressGateway, IHostListener {
  /**
   * The DaemonSet, or the Deployment if `replicas` is given.
   */
  public readonly workload: kplus.Workload;

  /**
   * Service that maps the ports of `Gateway` resources to ports of the node.
   */
  public readonly service: kplus.Service;

  /**
   * Identity of the gateway.
   */
  public readonly serviceAccount: kplus.ServiceAccount;

  private readonly name: string;
  private readonly mesh: IstioMesh;
  private readonly host: HostGateway;
  private readonly metadata: GatewayMetadata;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, mesh and more.
   * @throws option-unknown, type-wrong, istio-version-missing, port-reserved-by-istio, replicas-over-nodes and more
   */
  constructor(scope: Construct, id: string, props: HostNetworkIngressGatewayProps) {
    validateNew('HostNetworkIngressGateway', new.target, scope, id, props);
    super(scope, id);
    try {
      this.name = nameOf(this);
      this.mesh = meshOf(props.istio);
      this.host = new HostGateway(props, this.mesh.dualStack);
      throwIfAny([
        ...checkThat(this.mesh.version !== undefined || props.image !== undefined, {
          code: 'istio-version-missing',
          what: 'istio.version or image is missing: the manifest of this gateway names the image',
          fix: 'give the version of the control plane, such as 1.31.0 (see: istioctl version)',
        }),
        ...checkMesh(this.mesh),
        ...checkEdgeProfile(this.mesh, props.edgeProfile),
        ...checkReservedAnnotations(props.annotations, this.podAnnotations()),
        ...this.host.check(),
      ], this.node.path);

      this.metadata = gatewayMetadata(this, props);
      this.serviceAccount = makeIdentity(this, this.metadata);
      this.service = makeGatewayService(this, this.metadata, this.host.listeners);
      this.workload = this.makeWorkload(props);
      this.host.claimHostPorts(this);
      registerObjects(this);
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  /**
   * Every port that the gateway opens on its nodes, Istio's own ports included.
   */
  public get hostPorts(): HostPort[] {
    return this.host.hostPorts;
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
    return { serviceName: this.name, namespace: namespaceOf(this), clusterDomain: this.mesh.clusterDomain, ...this.host.reachedBy() };
  }

  /**
   * Where the gateway listens. Checks use its health endpoint, because 80 and 443 are open only while a `Gateway` lists them.
   */
  public toHostListenerConfig(): HostListenerConfig {
    return this.host.toHostListenerConfig();
  }

  /**
   * Opens one more port on its nodes, and in its Service.
   *
   * @internal
   */
  public _addListener(port: number): void {
    this.host.addListener(this, port);
    addServicePort(this.service, port, this.host.listeners);
    const { targetPort } = this.host.listeners.find(listener => listener.port === port)!;
    if (needsPrivilege(targetPort)) {
      patchPrivileges(this.workload, bindPorts([targetPort], ISTIO_PROXY_USER));
    }
  }

  private makeWorkload(props: HostNetworkIngressGatewayProps): kplus.DaemonSet | kplus.Deployment {
    const { mesh } = this;
    const { lameDuckPeriod } = this.host;
    const kind = props.replicas === undefined ? 'daemonsets' : 'deployments';
    return this.host.makeWorkload(this, {
      ...this.metadata,
      podLabels: this.podLabels(),
      podAnnotations: this.podAnnotations(),
      serviceAccount: this.serviceAccount,
      rawVolumes: IDENTITY_VOLUMES,
      container: {
        image: imageIn(props.imageRegistry, props.image ?? proxyImage(mesh)),
        imagePullPolicy: props.imagePullPolicy,
        args: proxyArgs(mesh),
        env: proxyEnvironment({ ...this.metadata, mesh, kind, topology: this.host.topology(), lameDuckSeconds: lameDuckPeriod.toSeconds() }),
        mounts: writableMounts(this),
      },
    });
  }

  private podAnnotations(): { [key: string]: string } {
    return { 'sidecar.istio.io/inject': 'false', 'istio.io/rev': this.mesh.revision ?? 'default' };
  }

  private podLabels(): { [key: string]: string } {
    return {
      'sidecar.istio.io/inject': 'false',
      'service.istio.io/canonical-name': this.name,
      'service.istio.io/canonical-revision': 'latest',
      ...(this.mesh.network && { 'topology.istio.io/network': this.mesh.network }),
    };
  }
}
