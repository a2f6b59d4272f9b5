// what all front proxies share: everything except the engine
import { Duration, SizeRoundingBehavior } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkEntry } from './check-entry';
import { checkFrontProps, checkRoute } from './check-front';
import { checkEngine, defaultResources } from './front-engine';
import type { FrontEngine } from './front-engine';
import type { FrontEntryOptions } from './front-entry';
import { UpdateMode } from './front-proxy-props';
import type { FrontListener, FrontProxyProps } from './front-proxy-props';
import type { FrontRouteOptions } from './front-route';
import { planProxy, resolveEntry, resolveListeners, withListener } from './plan';
import type { Given } from './plan';
import { podPorts, ROOT } from './pod-ports';
import { checkProxy } from '../engines/check-proxy';
import type { ContainerProcess } from '../engines/container-process';
import type { ProxyModel } from '../engines/proxy-model';
import { checkGatewayAnswer } from '../gateway/check-gateway-answer';
import { virtualAddressesOn } from '../nodes/address-claims';
import type { HostListenerConfig, IHostListener } from '../nodes/host-listener';
import { HostPort } from '../nodes/host-port';
import { claimHostPorts } from '../nodes/host-port-claims';
import { Registry } from '../nodes/registry';
import { ownCopy } from '../validation/own-copy';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkLater } from '../workload/at-synthesis';
import { DEFAULT_DRAIN_TIMEOUT, EXIT_SECONDS } from '../workload/durations';
import { EngineWorkload } from '../workload/engine-workload';
import type { PodPorts } from '../workload/engine-workload';
import { removeFailed } from '../workload/failed-construct';
import { nameOf, namespaceOf } from '../workload/names';

/** A virtual IP leaves after two failed checks, or after 1 s without an answer. A busy node gets more time than that. */
const DEFAULT_LAME_DUCK_PERIOD = Duration.seconds(3);

/**
 * A layer-4 proxy on the host network of edge nodes: passes TCP through to a gateway, TLS untouched.
 * Use `FrontEnvoy`, `FrontHaproxy` or `FrontNginx`.
 */
export abstract class FrontProxy extends Construct implements IHostListener {
  /**
   * The DaemonSet, or the Deployment when `replicas` is given.
   */
  public readonly workload: kplus.Workload;

  /**
   * The proxy's configuration.
   *
   * It is immutable. Its name ends with a checksum of the text, so another route gives it another name.
   */
  public readonly configMap: kplus.ConfigMap;

  /**
   * Identity of the pods; it has no rights and no token.
   */
  public readonly serviceAccount: kplus.ServiceAccount;

  private readonly engine: FrontEngine;
  private readonly objects: EngineWorkload;
  /** With all listeners. */
  private props: FrontProxyProps;
  private readonly routes: FrontRouteOptions[] = [];
  private readonly serverNames = new Set<string>();
  private entries: FrontEntryOptions[] = [];

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   * @throws option-unknown, type-wrong, port-twice, gateway-port-unknown, connections-over-file-descriptors and more
   */
  constructor(scope: Construct, id: string, props: FrontProxyProps) {
    super(scope, id);
    try {
      throwIfAny(checkEngine(this._engine, new.target.name), this.node.path);
      this.engine = this._engine();
      throwIfAny(checkGatewayAnswer(props.gateway), this.node.path);
      // the gateway can get more listeners later
      this.props = { ...ownCopy(props), listeners: resolveListeners(props) };
      throwIfAny([...checkFrontProps(this.props), ...this.checkModel()], this.node.path);
      checkLater(this, () => this.checkModel());
      this.objects = this.makeObjects();
      this.configMap = this.objects.configMap;
      this.serviceAccount = this.objects.serviceAccount;
      this.workload = this.objects.workload;
      claimHostPorts(this, props.nodes, this.hostPorts);
    } catch (error) {
      removeFailed(this);
      throw error;
    }
  }

  /**
   * Every port that the proxy uses on its nodes.
   */
  public get hostPorts(): HostPort[] {
    const { metrics } = this.model();
    return [...this.answeringPorts(), ...(metrics ? [HostPort.tcp(metrics.port)] : [])];
  }

  /**
   * The ports that clients reach, with all defaults filled in.
   */
  public get listeners(): FrontListener[] {
    return resolveListeners(this.props);
  }

  /**
   * Sends TLS connections with these server names to another gateway, on every TLS listener.
   *
   * @param route Server names and gateway.
   * @throws list-empty, route-twice, route-without-tls, host-invalid, host-wildcard-invalid, gateway-port-unknown, gateway-on-other-nodes
   */
  public addRoute(route: FrontRouteOptions): void {
    validateCall('FrontProxy.addRoute', { route }, this.node.path);
    throwIfAny(checkGatewayAnswer(route.gateway), this.node.path);
    throwIfAny(checkRoute(route, this.props, this.serverNames), this.node.path);
    route.serverNames.forEach(name => this.serverNames.add(name));
    this.routes.push({ ...route, serverNames: [...route.serverNames] });
    Registry.of(this).noteChange();
  }

  /**
   * Sends connections to these addresses to another gateway.
   *
   * The proxy's own gateway serves all other addresses. A port that the entry lacks closes. An entry is not a firewall: every client that can send packets to an address can use it.
   *
   * @param entry Name, addresses and gateway.
   * @throws entry-twice, address-twice, address-invalid, entry-gateway-twice, gateway-port-unknown, port-twice, listener-without-ipv6 and more
   */
  public addEntry(entry: FrontEntryOptions): void {
    validateCall('FrontProxy.addEntry', { entry }, this.node.path);
    throwIfAny(this._checkEntry(entry), this.node.path);
    const before = this.hostPorts.map(String);
    this.entries = [...this.entries, resolveEntry(entry)];
    this.claimPorts(before);
  }

  /**
   * All ports that clients reach, at any address.
   *
   * @internal
   */
  public get _ports(): number[] {
    return this.model().listeners.map(({ port }) => port);
  }

  /**
   * The ports that clients reach at the addresses of an entry, or at all other addresses.
   *
   * @internal
   */
  public _listenersOf(entry?: string): FrontListener[] {
    return entry === undefined ? this.listeners : resolveListeners(this.entries.find(({ name }) => name === entry)!);
  }

  /**
   * All problems with one more entry.
   *
   * @internal
   */
  public _checkEntry(entry: FrontEntryOptions): Problem[] {
    const answer = checkGatewayAnswer(entry.gateway);
    const problems = answer.length > 0 ? answer : checkEntry(entry, this.props, this.entries);
    return problems.length > 0 ? problems : this.checkModel({ entries: [...this.entries, resolveEntry(entry)] });
  }

  /**
   * Where the proxy listens, and how a virtual IP checks it.
   */
  public toHostListenerConfig(): HostListenerConfig {
    const { nodes, replicas } = this.props;
    const { health, listeners } = this.model();
    const ipv6 = listeners.every(listener => listener.addresses.includes('::'));
    return { nodes, hostPorts: this.answeringPorts(), health: { ...health, user: ROOT }, lameDuckPeriod: this.lameDuckPeriod(), ipv6, replicas };
  }

  /**
   * Opens one more port to clients of an entry, or at all other addresses, and sends its connections to the same port of the gateway.
   *
   * @internal
   */
  public _addListener(port: number, entry?: string): void {
    const before = this.hostPorts.map(String);
    const { props, entries } = withListener(this.props, this.entries, port, entry);
    this.props = props;
    this.entries = entries;
    throwIfAny(checkFrontProps(this.props), this.node.path);
    this.claimPorts(before);
  }

  /**
   * All problems with one more listener. `_addListener()` finds out whether the gateway has the port.
   *
   * @internal
   */
  public _checkListener(port: number, entry?: string): Problem[] {
    return this.checkModel(withListener(this.props, this.entries, port, entry));
  }

  /**
   * `app.kubernetes.io/name` of its objects.
   *
   * @internal
   */
  public get _application(): string {
    return this.engine.application;
  }

  /**
   * What it runs, if Prometheus may read its metrics.
   *
   * @internal
   */
  public get _measured(): ProxyModel | undefined {
    return this.props.metrics && this.model();
  }

  /** @internal */
  protected abstract _engine(): FrontEngine;

  /** Opens the ports that it has now and did not have before. */
  private claimPorts(before: string[]): void {
    claimHostPorts(this, this.props.nodes, this.hostPorts.filter(port => !before.includes(String(port))));
    Registry.of(this).noteChange();
    this.objects.changePorts(this.ports());
  }

  /** For clients, and for the check of a virtual IP. */
  private answeringPorts(): HostPort[] {
    const { listeners, health } = this.model();
    return [...listeners.map(listener => HostPort.tcp(listener.port)), HostPort.loopback(health.port, health.address)];
  }

  /** `given`: what it would have after a method has added to it. */
  private model({ props = this.props, entries = this.entries }: Given = {}): ProxyModel {
    const memoryLimit = this.resources().memory?.limit;
    return planProxy(props, { routes: this.routes, entries }, {
      // with the namespace: a proxy of the same name in another namespace is another proxy
      name: `${namespaceOf(this)}/${nameOf(this)}`,
      memoryLimitBytes: memoryLimit && memoryLimit.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024,
      virtualAddresses: props.metrics ? virtualAddressesOn(this, props.nodes) : [],
    });
  }

  private checkModel(given?: Given): Problem[] {
    const model = this.model(given);
    return [...checkProxy(model), ...this.engine.check(model)];
  }

  private process(): ContainerProcess {
    return this.engine.process(this.model(), { lameDuckSeconds: this.lameDuckPeriod().toSeconds(), drainSeconds: this.drainSeconds() });
  }

  private resources(): kplus.ContainerResources {
    return this.props.resources ?? defaultResources(this.engine);
  }

  private drainSeconds(): number {
    return (this.props.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT).toSeconds();
  }

  private lameDuckPeriod(): Duration {
    return this.props.lameDuckPeriod ?? DEFAULT_LAME_DUCK_PERIOD;
  }

  private makeObjects(): EngineWorkload {
    const { nodes, replicas } = this.props;
    const { application, image } = this.engine;
    return new EngineWorkload(this, {
      options: this.props,
      application,
      component: 'front-proxy',
      defaultImage: image,
      defaultResources: this.resources(),
      process: () => this.process(),
      env: { POD_NAME: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_NAME) },
      ...this.ports(),
      readinessFailures: 3,
      nodes,
      replicas,
      maxSurge: this.isHitless() ? 1 : 0,
      minReadySeconds: 3,
      terminationGraceSeconds: this.lameDuckPeriod().toSeconds() + this.drainSeconds() + EXIT_SECONDS,
    });
  }

  private ports(): PodPorts {
    return podPorts(this.model(), this.isHitless());
  }

  private isHitless(): boolean {
    const { replicas, updateMode = UpdateMode.HITLESS } = this.props;
    return replicas === undefined && updateMode === UpdateMode.HITLESS;
  }
}
