// Istio's ingress gateway on the pod network: replicas behind a Service, written by Istio's injector
import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { AdoptedGateway } from './adopted-gateway';
import type { IngressGatewayFromServiceOptions } from './adopted-gateway';
import { checkAutoscaling, makeAutoscaler } from './autoscaling';
import type { IngressGatewayAutoscaling } from './autoscaling';
import {
  GATEWAY_RESOURCES, gatewayMetadata, gatewayReadiness, gatewaySelector, ISTIO_LABELS, ISTIO_PROXY_USER, makeGatewayService, makeIdentity,
} from './gateway-objects';
import { checkGatewayListeners, resolveGatewayListeners } from './ingress-gateway-config';
import type { GatewayListener, IIngressGateway, IngressGatewayConfig, ResolvedListener } from './ingress-gateway-config';
import { checkInjected, checkMesh, meshOf, proxyImage } from './istio-options';
import type { IstioMesh, IstioOptions } from './istio-options';
import { PROXY_PROTOCOL } from './istio-proxy-pod';
import { checkSources, makeSourcePolicy } from './source-policy';
import { makeDisruptionBudget } from '../edge-host/disruption-budget';
import { checkDrainTimeout, DEFAULT_DRAIN_TIMEOUT, EXIT_SECONDS } from '../edge-host/durations';
import type { EdgeNodes } from '../edge-host/edge-nodes';
import { patchPod } from '../edge-host/kplus-patches';
import { claimObjectNames, nameOf, namespaceOf } from '../edge-host/names';
import type { EdgeWorkloadOptions } from '../edge-host/workload-options';
import { checkReservedAnnotations, checkWorkloadOptions } from '../edge-host/workload-options';
import { mustBeFine } from '../problem/problem';
import { problemUnless } from '../problem/values';

/**
 * What can be chosen of a gateway on the pod network, whoever decides on its mesh.
 */
export interface IngressGatewayOptions extends EdgeWorkloadOptions {
  /**
   * Number of pods, 1 to 1000; not together with `autoscaling`.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Let CPU use decide on the number of pods.
   *
   * @default - a fixed number
   */
  readonly autoscaling?: IngressGatewayAutoscaling;

  /**
   * Ports of the gateway.
   *
   * @default - 80 and 443; the pods listen on 8080 and 8443, which needs no privilege
   */
  readonly listeners?: GatewayListener[];

  /**
   * Whether front proxies send PROXY protocol. Then nothing else reaches the gateway.
   *
   * @default false
   */
  readonly receivesProxyProtocol?: boolean;

  /**
   * How long established connections may go on when a pod ends: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;
}

/**
 * Properties for `IngressGateway`.
 */
export interface IngressGatewayProps extends IngressGatewayOptions {
  /**
   * The mesh.
   *
   * With a `version` the pods run that one. Without, each gets the version that istiod has when the pod starts.
   *
   * @default - Istio's defaults, and the version of istiod
   */
  readonly istio?: IstioOptions;
}

/** Pods more than there should be, during a rollout. */
const SURGE = 1;

/** Ports that a non-root process can open, for the ports that clients expect. */
const UNPRIVILEGED_PORTS: { readonly [port: number]: number } = { 80: 8080, 443: 8443 };

/**
 * Istio's ingress gateway as pods on the cluster's network, to stand behind a front proxy.
 *
 * A headless Service beside the usual one lets front proxies balance, check and leave out each pod by itself.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/gateway/
 */
export class IngressGateway extends Construct implements IIngressGateway {
  /**
   * A gateway that somebody else installed, such as istioctl's `istio-ingressgateway`.
   *
   * @param scope Construct to which the reference belongs.
   * @param id Its id; no object is made.
   * @param options The gateway's Service.
   * @throws name-invalid, list-empty, port-out-of-range, port-reserved-by-istio and more
   */
  public static fromService(scope: Construct, id: string, options: IngressGatewayFromServiceOptions): IIngressGateway {
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
  private readonly listeners: ResolvedListener[];
  private readonly receivesProxyProtocol: boolean;
  private readonly maxReplicas: number;
  private readonly options: EdgeWorkloadOptions;
  private restricted = false;
  private config?: IngressGatewayConfig;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Mesh, replicas and more.
   */
  constructor(scope: Construct, id: string, props: IngressGatewayProps = {}) {
    super(scope, id);
    this.name = nameOf(this);
    this.mesh = meshOf(props.istio);
    this.listeners = resolveGatewayListeners(props.listeners, port => UNPRIVILEGED_PORTS[port] ?? port);
    this.receivesProxyProtocol = props.receivesProxyProtocol ?? false;
    this.options = props;
    this.maxReplicas = props.autoscaling?.maxReplicas ?? props.replicas ?? 2;
    mustBeFine([
      ...checkMesh(this.mesh),
      ...checkInjected(props.istio),
      ...checkReservedAnnotations(props.annotations, this.podAnnotations()),
      ...checkGatewayListeners(this.listeners),
      ...checkAutoscaling(props.replicas, props.autoscaling, props.resources ?? GATEWAY_RESOURCES),
      ...checkDrainTimeout(props.drainTimeout),
      ...checkWorkloadOptions(props, ISTIO_LABELS),
    ], this.node.path);

    const metadata = gatewayMetadata(this, props);
    const { selector, listeners } = this;
    this.serviceAccount = makeIdentity(this, metadata);
    this.service = makeGatewayService(this, 'Service', { ...metadata, selector, listeners, headless: false });
    this.headlessService = makeGatewayService(this, 'HeadlessService', { ...metadata, name: `${this.name}-pods`, selector, listeners, headless: true });
    this.workload = this.makeDeployment(props);
    if (props.autoscaling) {
      makeAutoscaler(this, metadata, this.workload, props.autoscaling);
    }
    makeDisruptionBudget(this, { ...metadata, selectorLabels: selector, replicas: props.autoscaling?.minReplicas ?? props.replicas ?? 2 });
    claimObjectNames(this);
  }

  /**
   * Labels of the gateway's pods: the `selector` of an Istio `Gateway` that should be served here.
   */
  public get selector(): { [key: string]: string } {
    return gatewaySelector(this);
  }

  /**
   * Where and how front proxies reach the gateway.
   */
  public toIngressGatewayConfig(): IngressGatewayConfig {
    return this.config ??= {
      serviceName: this.name,
      headlessServiceName: `${this.name}-pods`,
      maxPods: this.maxReplicas + SURGE,
      namespace: namespaceOf(this),
      clusterDomain: this.mesh.clusterDomain,
      listeners: this.listeners,
      receivesProxyProtocol: this.receivesProxyProtocol,
    };
  }

  /**
   * Lets traffic in from these nodes only, by a NetworkPolicy.
   *
   * Whoever reaches a port that takes PROXY protocol can claim any client address.
   *
   * Health and metrics ports stay open. Some network plugins show a node's traffic with another address than the
   * node's own (that of a tunnel): give those as `additionalCidrs`.
   *
   * @param nodes Nodes of the front proxies; their addresses must be known.
   * @param additionalCidrs More sources, such as `10.244.0.0/16`.
   * @throws addresses-unknown, cidr-invalid, cidr-host-bits, source-policy-twice
   */
  public allowTrafficOnlyFrom(nodes: EdgeNodes, additionalCidrs: string[] = []): void {
    mustBeFine([
      ...checkSources(nodes, additionalCidrs),
      ...problemUnless(!this.restricted, {
        code: 'source-policy-twice', what: 'allowTrafficOnlyFrom is called again', fix: 'call it once, with all sources',
      }),
    ], this.node.path);
    this.restricted = true;
    const ports = this.listeners.map(listener => listener.targetPort);
    makeSourcePolicy(this, { ...gatewayMetadata(this, this.options), selector: this.selector, nodes, additionalCidrs, ports });
  }

  private makeDeployment(props: IngressGatewayProps): kplus.Deployment {
    const { name, namespace, labels, annotations } = gatewayMetadata(this, props);
    const deployment = new kplus.Deployment(this, 'Deployment', {
      metadata: { name, namespace, labels, annotations },
      podMetadata: { labels: { ...labels, ...this.podLabels() }, annotations: { ...annotations, ...this.podAnnotations() } },
      select: false,
      replicas: props.autoscaling ? undefined : props.replicas ?? 2,
      // front proxies learn of a new pod from DNS, within seconds
      minReady: Duration.seconds(5),
      progressDeadline: Duration.minutes(10),
      strategy: kplus.DeploymentStrategy.rollingUpdate({
        maxSurge: kplus.PercentOrAbsolute.absolute(SURGE),
        maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
      }),
      serviceAccount: this.serviceAccount,
      automountServiceAccountToken: false,
      terminationGracePeriod: Duration.seconds((props.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT).toSeconds() + EXIT_SECONDS),
      dockerRegistryAuth: props.imagePullSecretName === undefined
        ? undefined
        : kplus.Secret.fromSecretName(this, 'ImagePullSecret', props.imagePullSecretName),
      containers: [this.container(props)],
    });
    deployment.select(kplus.LabelSelector.of({ labels: this.selector }));
    deployment.scheduling.separate(deployment, { topology: kplus.Topology.HOSTNAME, weight: 100 });
    patchPod(deployment, { containers: [{ user: ISTIO_PROXY_USER, capabilities: [] }], initContainers: [], rawVolumes: [] });
    return deployment;
  }

  /** The injector replaces `image: auto`, keeps any other, and adds everything that is not said here. */
  private container(props: IngressGatewayProps): kplus.ContainerProps {
    return {
      name: 'istio-proxy',
      image: props.image ?? (this.mesh.version === undefined ? 'auto' : proxyImage(this.mesh)),
      imagePullPolicy: props.imagePullPolicy ?? kplus.ImagePullPolicy.IF_NOT_PRESENT,
      resources: props.resources ?? GATEWAY_RESOURCES,
      readiness: gatewayReadiness(),
      envVariables: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: kplus.EnvValue.fromValue('true') },
      securityContext: {
        user: ISTIO_PROXY_USER,
        group: ISTIO_PROXY_USER,
        ensureNonRoot: true,
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      },
    };
  }

  private podLabels(): { [key: string]: string } {
    return {
      'sidecar.istio.io/inject': 'true',
      ...(this.mesh.revision && { 'istio.io/rev': this.mesh.revision }),
      ...(this.mesh.network && { 'topology.istio.io/network': this.mesh.network }),
    };
  }

  private podAnnotations(): { [key: string]: string } {
    return {
      'inject.istio.io/templates': 'gateway',
      ...(this.receivesProxyProtocol && { 'proxy.istio.io/config': JSON.stringify(PROXY_PROTOCOL) }),
    };
  }
}
