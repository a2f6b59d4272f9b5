// what both gateways on the host network share: ports, checks, placement, privileges, shutdown
import { Duration } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import { checkGatewayListeners, freeTarget, GatewayListeners } from './gateway-listener';
import type { ResolvedListener } from './gateway-listener';
import { GATEWAY_RESOURCES, gatewayReadiness, ISTIO_LABELS, ISTIO_PROXY_USER } from './gateway-objects';
import type { GatewayMetadata } from './gateway-objects';
import { checkTopology, topologyAnnotation, topologyConfig } from './gateway-topology';
import type { ClientSide } from './gateway-topology';
import type { HostGatewayProps } from './host-gateway-options';
import { GATEWAY_HEALTH_PATH, GATEWAY_HEALTH_PORT } from './ingress-gateway-config';
import type { IngressGatewayConfig } from './ingress-gateway-config';
import { ISTIO_PROXY_CONTAINER } from './istio-proxy-pod';
import { ISTIO_PROXY_PORTS } from './istio-proxy-ports';
import type { HostListenerConfig } from '../nodes/host-listener';
import { HostPort } from '../nodes/host-port';
import { claimHostPorts } from '../nodes/host-port-claims';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';
import { checkDrainTimeout, checkLameDuckPeriod, DEFAULT_DRAIN_TIMEOUT } from '../workload/durations';
import { makeHostWorkload } from '../workload/host-workload';
import type { HostContainer, HostWorkloadProps } from '../workload/host-workload';
import { checkReplicas } from '../workload/host-workload-checks';
import type { Labels } from '../workload/names';
import { bindPorts } from '../workload/privileges';
import { checkWorkloadOptions, wholePodOptions } from '../workload/workload-options';

/** Istio's default. A virtual IP needs less: it moves after two failed checks, some tenths of a second apart. */
const DEFAULT_LAME_DUCK_PERIOD = Duration.seconds(5);

/** Istio's `drainDuration`: Envoy stops accepting connections this long after its shutdown began. */
const LISTENERS_CLOSE = Duration.seconds(45);

/** Added to a port behind a local front proxy, which holds the port itself. The result needs no privilege. */
const LOOPBACK_PORT_OFFSET = 10_000;

/** What differs between a pod that we write and a pod that istiod writes. */
export type HostGatewayWorkload =
  GatewayMetadata
  & Pick<HostWorkloadProps, 'podLabels' | 'podAnnotations' | 'serviceAccount' | 'rawVolumes'>
  & { readonly container: Pick<HostContainer, 'image' | 'imagePullPolicy' | 'args' | 'env' | 'mounts'> };

/** A gateway on the host network of some nodes. */
export class HostGateway {
  public readonly receivesProxyProtocol: boolean;
  public readonly lameDuckPeriod: Duration;
  private readonly ports: GatewayListeners;
  private readonly loopbackOnly: boolean;
  /** Where front proxies of the same node reach it. On nodes without IPv4 this is ::1, as in Istio's proxy. */
  private readonly loopback: string;

  /** `dualStack`: whether Istio opens ports on both families of a dual-stack node. */
  constructor(private readonly props: HostGatewayProps, private readonly dualStack: boolean) {
    this.loopbackOnly = props.loopbackOnly ?? false;
    this.loopback = props.nodes._loopbacks()[0];
    this.ports = new GatewayListeners(props.listeners, (port, taken) => this.targetOf(port, taken));
    this.receivesProxyProtocol = props.receivesProxyProtocol ?? this.loopbackOnly;
    this.lameDuckPeriod = props.lameDuckPeriod ?? DEFAULT_LAME_DUCK_PERIOD;
  }

  /** Those of the options, and those that calls have added. */
  public get listeners(): ResolvedListener[] {
    return this.ports.all;
  }

  /** Every port that it opens on its nodes, Istio's own ports included. */
  public get hostPorts(): HostPort[] {
    return [
      ...this.listeners.map(listener => this.hostPortOf(listener)),
      ...Object.keys(ISTIO_PROXY_PORTS).map(port => HostPort.tcp(Number(port))),
    ];
  }

  /** Claims these ports for the construct that runs the gateway. */
  public claimHostPorts(claimant: IConstruct): void {
    const uses = Object.fromEntries(Object.entries(ISTIO_PROXY_PORTS).map(([port, use]) => [port, `Istio proxy: ${use}`]));
    claimHostPorts(claimant, this.props.nodes, this.hostPorts, uses);
  }

  /** Adds a port of clients, and claims what it opens on the nodes for the construct that runs the gateway. */
  public addListener(claimant: IConstruct, port: number): void {
    const before = this.hostPorts.map(String);
    this.ports.add(port, claimant.node.path);
    claimHostPorts(claimant, this.props.nodes, this.hostPorts.filter(hostPort => !before.includes(String(hostPort))));
  }

  private targetOf(port: number, taken: number[]): number {
    return this.loopbackOnly ? freeTarget(port + LOOPBACK_PORT_OFFSET, taken) : port;
  }

  private hostPortOf({ targetPort }: ResolvedListener): HostPort {
    return this.loopbackOnly ? HostPort.loopback(targetPort, this.loopback) : HostPort.tcp(targetPort);
  }

  private get clientSide(): ClientSide {
    return { ...this.props, receivesProxyProtocol: this.receivesProxyProtocol };
  }

  /** All problems with the options. */
  public check(): Problem[] {
    const { props } = this;
    return [
      ...checkGatewayListeners(this.listeners),
      ...checkReplicas(props.replicas, props.nodes),
      ...checkThat(!this.loopbackOnly || props.replicas === undefined, {
        code: 'replicas-with-loopback',
        what: 'replicas cannot be used with loopbackOnly: a front proxy reaches only the gateway on its own node',
        got: props.replicas,
        fix: 'omit replicas: a DaemonSet then runs one pod on every node',
      }),
      ...checkTopology(this.clientSide, props.annotations),
      ...checkLameDuckPeriod(props.lameDuckPeriod, LISTENERS_CLOSE),
      ...checkDrainTimeout(props.drainTimeout),
      ...checkWorkloadOptions(props, ISTIO_LABELS),
    ];
  }

  /** The part of the proxy's configuration that describes the proxies in front of it. */
  public topology(): object {
    return topologyConfig(this.clientSide);
  }

  /** The same as an annotation, for pods that istiod configures. */
  public topologyAnnotation(): Labels {
    return topologyAnnotation(this.clientSide);
  }

  /** How front proxies reach it, without its names. */
  public reachedBy(): Pick<IngressGatewayConfig, 'listeners' | 'receivesProxyProtocol' | 'bindAddress' | 'nodes'> {
    const { listeners, receivesProxyProtocol, props: { nodes } } = this;
    return { listeners, receivesProxyProtocol, ...(this.loopbackOnly && { bindAddress: this.loopback, nodes }) };
  }

  /** A check uses the health endpoint, because 80 and 443 are open only while a `Gateway` lists them. */
  public toHostListenerConfig(): HostListenerConfig {
    const { nodes, replicas } = this.props;
    // 15021 listens on 0.0.0.0; on nodes without IPv4 it listens on ::, for IPv6 only
    const [address, secondAddress] = nodes._loopbacks();
    return {
      nodes,
      hostPorts: this.hostPorts,
      health: { address, secondAddress, port: GATEWAY_HEALTH_PORT, path: GATEWAY_HEALTH_PATH, user: ISTIO_PROXY_USER },
      lameDuckPeriod: this.lameDuckPeriod,
      longestLameDuckPeriod: LISTENERS_CLOSE,
      // with loopbackOnly the front proxy decides which address families clients use
      ipv6: this.loopbackOnly || this.dualStack || address === '::1',
      replicas,
    };
  }

  /** The workload, as child `DaemonSet` or `Deployment` of the scope. */
  public makeWorkload(scope: Construct, given: HostGatewayWorkload): kplus.DaemonSet | kplus.Deployment {
    const { nodes, replicas, resources, drainTimeout = DEFAULT_DRAIN_TIMEOUT } = this.props;
    return makeHostWorkload(scope, {
      ...given,
      selectorLabels: given.selector,
      nodes,
      replicas,
      // two of Istio's proxies cannot share a node: the second one cannot bind 127.0.0.1:15000
      maxSurge: 0,
      minReadySeconds: 5,
      terminationGraceSeconds: this.lameDuckPeriod.toSeconds() + drainTimeout.toSeconds(),
      ...wholePodOptions(this.props),
      container: {
        ...given.container,
        name: ISTIO_PROXY_CONTAINER,
        privileges: bindPorts(this.listeners.map(({ targetPort }) => targetPort), ISTIO_PROXY_USER),
        resources: resources ?? GATEWAY_RESOURCES,
        readiness: gatewayReadiness(),
      },
    });
  }
}
