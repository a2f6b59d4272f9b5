// Istio's ingress gateway on the nodes' own network
import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  GATEWAY_RESOURCES, gatewayMetadata, gatewayReadiness, gatewaySelector, ISTIO_LABELS, ISTIO_PROXY_USER, makeGatewayService, makeIdentity,
} from './gateway-objects';
import { checkGatewayListeners, GATEWAY_HEALTH_PATH, GATEWAY_HEALTH_PORT, resolveGatewayListeners } from './ingress-gateway-config';
import type { GatewayListener, IIngressGateway, IngressGatewayConfig, ResolvedListener } from './ingress-gateway-config';
import { checkMesh, meshOf, proxyImage } from './istio-options';
import type { IstioMesh, IstioOptions } from './istio-options';
import { IDENTITY_VOLUMES, proxyArgs, proxyEnvironment, writableMounts } from './istio-proxy-pod';
import { checkDrainTimeout, checkNoticePeriod, DEFAULT_DRAIN_TIMEOUT } from '../edge-host/durations';
import { mustBeNodes } from '../edge-host/edge-nodes';
import type { EdgeNodes } from '../edge-host/edge-nodes';
import type { HostListenerConfig, IHostListener } from '../edge-host/host-listener';
import { HostPort } from '../edge-host/host-port';
import { claimHostPorts, ISTIO_PROXY_PORTS } from '../edge-host/host-port-claims';
import { makeHostWorkload } from '../edge-host/host-workload';
import { checkReplicas } from '../edge-host/host-workload-checks';
import { claimObjectNames, nameOf, namespaceOf } from '../edge-host/names';
import { bindPorts } from '../edge-host/privileges';
import { checkReservedAnnotations, checkWorkloadOptions } from '../edge-host/workload-options';
import type { EdgeWorkloadOptions } from '../edge-host/workload-options';
import { mustBeFine } from '../problem/problem';
import { problemUnless } from '../problem/values';

/**
 * What can be chosen of a host gateway, whoever decides on its nodes and its mesh.
 */
export interface HostNetworkIngressGatewayOptions extends EdgeWorkloadOptions {
  /**
   * Run so many pods as a Deployment, at most one on a node.
   *
   * A DaemonSet has one on every node instead.
   *
   * @default - DaemonSet
   */
  readonly replicas?: number;

  /**
   * Ports of the gateway. The `targetPort` is the one that is opened on the node.
   *
   * @default - 80 and 443, opened as 80 and 443; with `loopbackOnly` a `targetPort` is 10000 higher: 10080 and 10443
   */
  readonly listeners?: GatewayListener[];

  /**
   * Whether something in front sends PROXY protocol. Then nothing else reaches the gateway.
   *
   * @default - false; true with `loopbackOnly`, where every client would be 127.0.0.1 otherwise
   */
  readonly receivesProxyProtocol?: boolean;

  /**
   * How long a pod that ends goes on accepting connections at least, so that a virtual IP leaves first.
   *
   * 1 second to 45 seconds, whole seconds; at least what the virtual IP's check needs to notice. Istio's proxy
   * calls itself sick from the moment on at which it is told to end.
   *
   * @default Duration.seconds(5)
   */
  readonly noticePeriod?: Duration;

  /**
   * How long established connections may go on when a pod ends: 10 seconds to 1 hour, whole seconds.
   *
   * @default Duration.seconds(60)
   */
  readonly drainTimeout?: Duration;
}

/**
 * Properties for `HostNetworkIngressGateway`.
 */
export interface HostNetworkIngressGatewayProps extends HostNetworkIngressGatewayOptions {
  /**
   * Nodes on which the gateway runs.
   */
  readonly nodes: EdgeNodes;

  /**
   * The mesh; its `version` is required here.
   */
  readonly istio: IstioOptions;

  /**
   * Whether only front proxies on the same nodes reach the gateway, at 127.0.0.1.
   *
   * Nobody else can send it a PROXY header. `MeshEdge.expose()` binds its `Gateway` resources there;
   * those that you write need `bind: 127.0.0.1` in every server.
   *
   * @default false
   * @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server
   */
  readonly loopbackOnly?: boolean;
}

/** Istio's own; a virtual IP leaves after two failed checks, some tenths of a second apart. */
const DEFAULT_NOTICE_PERIOD = Duration.seconds(5);

/** Istio's `drainDuration`: so long after the end began its Envoy accepts connections, and no longer. */
const LISTENERS_CLOSE = Duration.seconds(45);

const LOOPBACK = '127.0.0.1';

/** From a port that clients know to one that the front proxy before the gateway leaves free, and that needs no privilege. */
const LOOPBACK_PORT_OFFSET = 10_000;

/**
 * Istio's ingress gateway on the host network of chosen nodes.
 *
 * Istio's chart has no `hostNetwork`, and its injector skips such pods, so the pod is written out in full: image,
 * arguments, environment, volumes and identity. One gateway fits on a node, since Istio's proxy has fixed ports of its own.
 * Ports 15020 and 15090 answer anybody who reaches the node: keep them behind its firewall.
 *
 * @see https://github.com/istio/istio/issues/33093
 */
export class HostNetworkIngressGateway extends Construct implements IIngressGateway, IHostListener {
  /**
   * The DaemonSet, or the Deployment when `replicas` is given.
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
  private readonly listeners: ResolvedListener[];
  private readonly nodes: EdgeNodes;
  private readonly loopbackOnly: boolean;
  private readonly receivesProxyProtocol: boolean;
  private readonly noticePeriod: Duration;
  private readonly replicas?: number;

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, mesh and more.
   */
  constructor(scope: Construct, id: string, props: HostNetworkIngressGatewayProps) {
    super(scope, id);
    mustBeNodes(props?.nodes, this.node.path);
    this.name = nameOf(this);
    this.mesh = meshOf(props.istio);
    this.nodes = props.nodes;
    this.loopbackOnly = props.loopbackOnly ?? false;
    this.listeners = resolveGatewayListeners(props.listeners, port => this.loopbackOnly ? port + LOOPBACK_PORT_OFFSET : port);
    this.receivesProxyProtocol = props.receivesProxyProtocol ?? this.loopbackOnly;
    this.noticePeriod = props.noticePeriod ?? DEFAULT_NOTICE_PERIOD;
    this.replicas = props.replicas;
    this.checkProps(props);

    const metadata = gatewayMetadata(this, props);
    this.serviceAccount = makeIdentity(this, metadata);
    this.service = makeGatewayService(this, 'Service', { ...metadata, selector: this.selector, listeners: this.listeners, headless: false });
    this.workload = this.makeWorkload(props);
    claimHostPorts(this, this.nodes, this.hostPorts);
    claimObjectNames(this);
  }

  /**
   * Every port that the gateway takes on its nodes, Istio's own included.
   */
  public get hostPorts(): HostPort[] {
    return [
      ...this.listeners.map(({ targetPort }) => this.loopbackOnly ? HostPort.loopback(targetPort) : HostPort.tcp(targetPort)),
      ...Object.keys(ISTIO_PROXY_PORTS).map(port => HostPort.tcp(Number(port))),
    ];
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
    return {
      serviceName: this.name,
      namespace: namespaceOf(this),
      clusterDomain: this.mesh.clusterDomain,
      listeners: this.listeners,
      receivesProxyProtocol: this.receivesProxyProtocol,
      ...(this.loopbackOnly && { bindAddress: LOOPBACK, nodes: this.nodes }),
    };
  }

  /**
   * Where the gateway listens. Its health endpoint is asked, since 80 and 443 exist only once a `Gateway` asks for them.
   */
  public toHostListenerConfig(): HostListenerConfig {
    return {
      nodes: this.nodes,
      hostPorts: this.hostPorts,
      health: { address: LOOPBACK, port: GATEWAY_HEALTH_PORT, path: GATEWAY_HEALTH_PATH },
      noticePeriod: this.noticePeriod,
      longestNoticePeriod: LISTENERS_CLOSE,
      // which families clients use is the front proxy's business
      ipv6: this.loopbackOnly || this.nodes._addresses().some(address => address.includes(':')),
      replicas: this.replicas,
    };
  }

  private checkProps(props: HostNetworkIngressGatewayProps): void {
    mustBeFine([
      ...problemUnless(this.mesh.version !== undefined, {
        code: 'istio-version-missing',
        what: 'istio.version is not given',
        fix: 'the pod of a host gateway is written out in full and needs the version of the control plane, such as 1.31.0',
      }),
      ...checkMesh(this.mesh),
      ...checkReservedAnnotations(props.annotations, this.podAnnotations()),
      ...checkGatewayListeners(this.listeners),
      ...checkReplicas(props.replicas, this.nodes),
      ...problemUnless(!this.loopbackOnly || props.replicas === undefined, {
        code: 'replicas-with-loopback',
        what: 'replicas is given, but a front proxy reaches the gateway of its own node only',
        got: props.replicas,
        fix: 'leave replicas out for a DaemonSet, one on every node',
      }),
      ...checkNoticePeriod(props.noticePeriod, LISTENERS_CLOSE),
      ...checkDrainTimeout(props.drainTimeout),
      ...checkWorkloadOptions(props, ISTIO_LABELS),
    ], this.node.path);
  }

  private makeWorkload(props: HostNetworkIngressGatewayProps): kplus.DaemonSet | kplus.Deployment {
    const metadata = gatewayMetadata(this, props);
    const drainSeconds = (props.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT).toSeconds();
    const kind = props.replicas === undefined ? 'daemonsets' : 'deployments';
    return makeHostWorkload(this, {
      ...metadata,
      selectorLabels: this.selector,
      podLabels: this.podLabels(),
      podAnnotations: this.podAnnotations(),
      nodes: this.nodes,
      replicas: props.replicas,
      // two of Istio's proxies cannot share a node: the second fails on 127.0.0.1:15000
      maxSurge: 0,
      minReadySeconds: 5,
      terminationGraceSeconds: this.noticePeriod.toSeconds() + drainSeconds,
      serviceAccount: this.serviceAccount,
      imagePullSecretName: props.imagePullSecretName,
      rawVolumes: IDENTITY_VOLUMES,
      container: {
        name: 'istio-proxy',
        image: props.image ?? proxyImage(this.mesh),
        imagePullPolicy: props.imagePullPolicy,
        args: proxyArgs(this.mesh),
        env: proxyEnvironment({
          ...metadata, mesh: this.mesh, kind, receivesProxyProtocol: this.receivesProxyProtocol, noticeSeconds: this.noticePeriod.toSeconds(),
        }),
        privileges: bindPorts(this.listeners.map(listener => listener.targetPort), ISTIO_PROXY_USER),
        resources: props.resources ?? GATEWAY_RESOURCES,
        readiness: gatewayReadiness(),
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
