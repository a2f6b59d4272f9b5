// what both gateways on the pod network share; the injector or istiod adds the rest of the pod
import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { checkAutoscaling, DEFAULT_REPLICAS, makeAutoscaler } from './autoscaling';
import { checkGatewayListeners, freeTarget, GatewayListeners } from './gateway-listener';
import type { ResolvedListener } from './gateway-listener';
import { GATEWAY_RESOURCES, gatewayReadiness, ISTIO_LABELS, ISTIO_PROXY_USER } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import { checkTopology, topologyAnnotation } from './gateway-topology';
import type { ClientSide } from './gateway-topology';
import type { IngressGatewayConfig } from './ingress-gateway-config';
import { ISTIO_PROXY_CONTAINER } from './istio-proxy-pod';
import type { PodGatewayProps } from './pod-gateway-options';
import { checkSources, makeSourcePolicy } from './source-policy';
import type { EdgeNodes } from '../nodes/edge-nodes';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';
import { makeDisruptionBudget } from '../workload/disruption-budget';
import { checkDrainTimeout, DEFAULT_DRAIN_TIMEOUT, EXIT_SECONDS } from '../workload/durations';
import { patchPod } from '../workload/kplus-patches';
import type { Labels } from '../workload/names';
import { needsPrivilege, securityContextOf } from '../workload/privileges';
import { tolerate } from '../workload/tolerations';
import { checkWorkloadOptions, pullSecret } from '../workload/workload-options';

/** What differs between a pod of the injector and a pod of istiod. */
export interface PodGatewayWorkload extends GatewayMetadata {
  readonly podLabels: Labels;
  readonly podAnnotations: Labels;
  readonly serviceAccount: kplus.IServiceAccount;
  readonly image: string;
  readonly imagePullPolicy?: kplus.ImagePullPolicy;
}

/**
 * Keeps ztunnel away from the pods, also in a namespace in ambient mode, as Istio's own chart does. It never takes pods of the host network.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/manifests/charts/gateway/values.yaml
 */
const NOT_AMBIENT = { 'istio.io/dataplane-mode': 'none' };

/** Additional pods during a rollout. */
const SURGE = 1;

/** Added to a port that a non-root process cannot open. Istio listens on 8080 for 80 and on 8443 for 443 too. */
const UNPRIVILEGED_PORT_OFFSET = 8_000;

function targetOf(port: number, taken: number[]): number {
  return freeTarget(needsPrivilege(port) ? port + UNPRIVILEGED_PORT_OFFSET : port, taken);
}

/** A gateway on the pod network. */
export class PodGateway {
  public readonly receivesProxyProtocol: boolean;
  private readonly ports: GatewayListeners;
  private restricted = false;

  constructor(private readonly options: PodGatewayProps) {
    this.ports = new GatewayListeners(options.listeners, targetOf);
    this.receivesProxyProtocol = options.receivesProxyProtocol ?? false;
  }

  /** Those of the options, and those that calls have added. */
  public get listeners(): ResolvedListener[] {
    return this.ports.all;
  }

  private get clientSide(): ClientSide {
    return { ...this.options, receivesProxyProtocol: this.receivesProxyProtocol };
  }

  /** All problems with the options. */
  public check(): Problem[] {
    const { replicas, autoscaling, resources, drainTimeout } = this.options;
    return [
      ...checkGatewayListeners(this.listeners),
      ...checkTopology(this.clientSide, this.options.annotations),
      ...checkAutoscaling(replicas, autoscaling, resources ?? GATEWAY_RESOURCES),
      ...checkDrainTimeout(drainTimeout),
      ...checkWorkloadOptions(this.options, ISTIO_LABELS),
    ];
  }

  /** Adds a port of clients, for a gateway with this path. */
  public addListener(port: number, path: string): void {
    this.ports.add(port, path);
  }

  /** The annotation that describes the proxies in front of it; none with Istio's defaults. */
  public topologyAnnotation(): Labels {
    return topologyAnnotation(this.clientSide);
  }

  /** How front proxies reach it, without its names. */
  public reachedBy(): Pick<IngressGatewayConfig, 'listeners' | 'receivesProxyProtocol' | 'maxPods'> {
    const { listeners, receivesProxyProtocol, options: { autoscaling, replicas } } = this;
    return { listeners, receivesProxyProtocol, maxPods: (autoscaling?.maxReplicas ?? replicas ?? DEFAULT_REPLICAS) + SURGE };
  }

  /** The Deployment, its disruption budget, and its autoscaler if there is one, as children of the scope. */
  public makeWorkload(scope: Construct, given: PodGatewayWorkload): kplus.Deployment {
    const { autoscaling, replicas = DEFAULT_REPLICAS } = this.options;
    const deployment = this.makeDeployment(scope, given, autoscaling ? undefined : replicas);
    if (autoscaling) {
      makeAutoscaler(scope, given, deployment, autoscaling);
    }
    const fewest = autoscaling ? autoscaling.minReplicas ?? DEFAULT_REPLICAS : replicas;
    makeDisruptionBudget(scope, { ...given, selectorLabels: given.selector, replicas: fewest });
    return deployment;
  }

  /** Makes the NetworkPolicy, once. */
  public allowTrafficOnlyFrom(gateway: Construct, metadata: GatewayMetadata, nodes: EdgeNodes, additionalCidrs: string[]): void {
    throwIfAny([
      ...checkSources(nodes, additionalCidrs),
      ...checkThat(!this.restricted, {
        code: 'source-policy-twice', what: 'allowTrafficOnlyFrom() was called twice', fix: 'call it once with all sources',
      }),
    ], gateway.node.path);
    this.restricted = true;
    makeSourcePolicy(gateway, { ...metadata, nodes, additionalCidrs, ports: () => this.listeners.map(({ targetPort }) => targetPort) });
  }

  private makeDeployment(scope: Construct, given: PodGatewayWorkload, replicas: number | undefined): kplus.Deployment {
    const { name, namespace, labels, annotations, selector } = given;
    const { drainTimeout = DEFAULT_DRAIN_TIMEOUT, imagePullSecretName, priorityClassName, tolerations } = this.options;
    const deployment = new kplus.Deployment(scope, 'Deployment', {
      metadata: { name, namespace, labels: { ...labels }, annotations: { ...annotations } },
      podMetadata: { labels: { ...labels, ...NOT_AMBIENT, ...given.podLabels }, annotations: { ...annotations, ...given.podAnnotations } },
      select: false,
      replicas,
      // front proxies learn of a new pod through DNS, within seconds
      minReady: Duration.seconds(5),
      progressDeadline: Duration.minutes(10),
      strategy: kplus.DeploymentStrategy.rollingUpdate({
        maxSurge: kplus.PercentOrAbsolute.absolute(SURGE),
        maxUnavailable: kplus.PercentOrAbsolute.absolute(0),
      }),
      serviceAccount: given.serviceAccount,
      automountServiceAccountToken: false,
      terminationGracePeriod: Duration.seconds(drainTimeout.toSeconds() + EXIT_SECONDS),
      dockerRegistryAuth: pullSecret(scope, imagePullSecretName),
      containers: [this.container(given)],
    });
    deployment.select(kplus.LabelSelector.of({ labels: selector }));
    deployment.scheduling.separate(deployment, { topology: kplus.Topology.HOSTNAME, weight: 100 });
    tolerate(deployment, tolerations);
    const containers = [{ user: ISTIO_PROXY_USER, capabilities: [] }];
    patchPod(deployment, { containers, initContainers: [], livenessGraceSeconds: [], rawVolumes: [], priorityClassName });
    return deployment;
  }

  private container({ image, imagePullPolicy = kplus.ImagePullPolicy.IF_NOT_PRESENT }: PodGatewayWorkload): kplus.ContainerProps {
    return {
      name: ISTIO_PROXY_CONTAINER,
      image,
      imagePullPolicy,
      resources: this.options.resources ?? GATEWAY_RESOURCES,
      readiness: gatewayReadiness(),
      envVariables: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: kplus.EnvValue.fromValue('true') },
      securityContext: securityContextOf(ISTIO_PROXY_USER),
    };
  }
}
