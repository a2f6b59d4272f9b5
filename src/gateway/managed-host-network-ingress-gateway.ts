// Istio's ingress gateway on the nodes' own network, its pods written by istiod
import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { gatewayMetadata, gatewaySelector, makeGatewayService } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import { HostGateway } from './host-gateway';
import type { HostGatewayProps } from './host-gateway-options';
import type { IIngressGateway, IngressGatewayConfig } from './ingress-gateway-config';
import { CLUSTER_DOMAIN, ISTIO_NAMESPACE } from './istio-options';
import { drainEnvironment, dualStackEnvironment } from './istio-proxy-pod';
import { allowDaemonSets, checkIstiodGateway, istiodName, makeIstiodGateway } from './istiod-gateway';
import { FILLED_IN, IstiodOverlay } from './istiod-overlay';
import type { HostListenerConfig, IHostListener } from '../nodes/host-listener';
import type { HostPort } from '../nodes/host-port';
import { throwIfAny } from '../validation/problem';
import { validateNew } from '../validation/shapes';
import { checkDnsLabel } from '../validation/values';
import { removeFailed } from '../workload/failed-construct';
import { nameOf, namespaceOf } from '../workload/names';

/**
 * Properties for `ManagedHostNetworkIngressGateway`.
 */
export interface ManagedHostNetworkIngressGatewayProps extends HostGatewayProps {
  /**
   * Revision of the control plane that deploys the gateway, or a tag.
   *
   * @default - the default revision
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  readonly revision?: string;

  /**
   * Namespace of istiod. Its ServiceAccounts get the right to write DaemonSets.
   *
   * It has no effect with `replicas`, because istiod may write Deployments in every namespace.
   *
   * @default "istio-system"
   */
  readonly istioNamespace?: string;

  /**
   * DNS domain of the cluster.
   *
   * @default "cluster.local"
   */
  readonly clusterDomain?: string;

  /**
   * Whether istiod runs with `ISTIO_DUAL_STACK=true`.
   *
   * On nodes with IPv4 and IPv6 istiod opens ports on both families only with this setting. The gateway's agent gets the same setting.
   *
   * @default false
   */
  readonly dualStack?: boolean;
}

/**
 * Istio's ingress gateway on the host network of chosen nodes, deployed by istiod.
 *
 * A `Gateway` of Gateway API, and a ConfigMap that istiod merges into the pods that it writes for it: they run the version of
 * istiod, and follow its upgrades. A node can run one gateway, because Istio's proxy has fixed ports of its own.
 * Every client that reaches the node reaches ports 15020 and 15090: block them in its firewall.
 *
 * Needs the CRDs of Gateway API, and Istio 1.30 or newer; with `replicas` Istio 1.26.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 */
export class ManagedHostNetworkIngressGateway extends Construct implements IIngressGateway, IHostListener {
  /**
   * The `Gateway`, whose pods, Service and ServiceAccount istiod makes.
   */
  public readonly gateway: ApiObject;

  private readonly host: HostGateway;
  private readonly metadata: GatewayMetadata;
  private readonly clusterDomain: string;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes and more.
   * @throws option-unknown, type-wrong, port-reserved-by-istio, replicas-over-nodes and more
   */
  constructor(scope: Construct, id: string, props: ManagedHostNetworkIngressGatewayProps) {
    validateNew('ManagedHostNetworkIngressGateway', new.target, scope, id, props);
    super(scope, id);
    try {
      const { replicas, revision, istioNamespace, dualStack = false } = props;
      this.host = new HostGateway(props, dualStack);
      this.clusterDomain = props.clusterDomain ?? CLUSTER_DOMAIN;
      throwIfAny([
        ...this.host.check(),
        ...checkIstiodGateway(this.host.listeners, revision, this.clusterDomain),
        ...(istioNamespace === undefined ? [] : checkDnsLabel('istioNamespace', istioNamespace)),
      ], this.node.path);

      this.metadata = gatewayMetadata(this, props);
      if (replicas === undefined) {
        allowDaemonSets(this, this.metadata, istioNamespace ?? ISTIO_NAMESPACE);
      }
      this.gateway = makeIstiodGateway(this, { ...this.metadata, overlay: this.makeOverlay(props), revision });
      this.host.claimHostPorts(this);
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
    return {
      serviceName: istiodName(nameOf(this)), namespace: namespaceOf(this), clusterDomain: this.clusterDomain, ...this.host.reachedBy(),
    };
  }

  /**
   * Where the gateway listens. Checks use its health endpoint, because 80 and 443 are open only while a `Gateway` lists them.
   */
  public toHostListenerConfig(): HostListenerConfig {
    return this.host.toHostListenerConfig();
  }

  private makeOverlay(props: ManagedHostNetworkIngressGatewayProps): IstiodOverlay {
    const overlay = new IstiodOverlay(this.metadata.name);
    const { chart, serviceAccount } = overlay;
    makeGatewayService(chart, this.metadata, this.host.listeners);
    this.host.makeWorkload(chart, {
      ...this.metadata,
      podAnnotations: this.host.topologyAnnotation(),
      serviceAccount,
      container: {
        image: FILLED_IN,
        env: { ...dualStackEnvironment(props.dualStack), ...drainEnvironment(this.host.lameDuckPeriod.toSeconds()) },
        mounts: [],
      },
    });
    return overlay;
  }
}
