// what all front proxies share: everything except the engine
import { Duration, Size, SizeRoundingBehavior } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFrontProps, checkRoute } from './check-front';
import { UpdateMode } from './front-proxy-props';
import type { FrontListener, FrontProxyProps, FrontRouteOptions } from './front-proxy-props';
import { planProxy, resolveListeners } from './plan';
import { checkProxy } from '../engines/check-proxy';
import type { ContainerProcess } from '../engines/container-process';
import { NODE_ADDRESSES, PORT_GUARD, portGuardCommand } from '../engines/guard/port-guard';
import { boundPorts } from '../engines/health-answer';
import type { ShutdownTimes, ProxyModel } from '../engines/proxy-model';
import { checkGatewayAnswer } from '../gateway/check-gateway-answer';
import { virtualAddressesOn } from '../nodes/address-claims';
import type { HostListenerConfig, IHostListener } from '../nodes/host-listener';
import { HostPort } from '../nodes/host-port';
import { claimHostPorts } from '../nodes/host-port-claims';
import { Registry } from '../nodes/registry';
import { throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { checkThat } from '../validation/values';
import { checkLater } from '../workload/at-synthesis';
import { DEFAULT_DRAIN_TIMEOUT, EXIT_SECONDS } from '../workload/durations';
import { EngineWorkload } from '../workload/engine-workload';
import type { Guard } from '../workload/engine-workload';
import { removeFailed } from '../workload/failed-construct';
import { nameOf, namespaceOf } from '../workload/names';
import { bindPorts, UNPRIVILEGED } from '../workload/privileges';

/** What one engine adds: its name, its default image, and how the model becomes a process. */
export interface FrontEngine {
  /** `app.kubernetes.io/name` of its objects. */
  readonly application: string;
  readonly image: string;
  /** Enough for the default number of connections when some thousands of the clients read slowly. */
  readonly memoryLimit: Size;
  readonly process: (model: ProxyModel, times: ShutdownTimes) => ContainerProcess;
  /** Problems of this engine only. */
  readonly check: (model: ProxyModel) => Problem[];
}

/** A virtual IP leaves after two failed checks, or after 1 s without an answer. A busy node gets more time than that. */
const DEFAULT_LAME_DUCK_PERIOD = Duration.seconds(3);

/**
 * An engine starts as root even if all ports are high. During a hitless update two pods share a port by SO_REUSEPORT, which the
 * kernel allows only to processes of the same user. The next version can have low ports, which need root.
 */
const ROOT = 0;

/** Small enough that two fit while one replaces the other. */
const REQUESTS = { cpu: kplus.Cpu.millis(100), memory: Size.mebibytes(128) };

const GUARD_RESOURCES: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(10) },
  memory: { request: Size.mebibytes(16), limit: Size.mebibytes(32) },
};

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
  private readonly props: FrontProxyProps;
  private readonly routes: FrontRouteOptions[] = [];
  private readonly serverNames = new Set<string>();

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   * @throws option-unknown, type-wrong, port-twice, gateway-port-unknown, connections-over-file-descriptors and more
   */
  constructor(scope: Construct, id: string, props: FrontProxyProps) {
    super(scope, id);
    try {
      this.props = props;
      throwIfAny(checkEngine(this._engine, new.target.name), this.node.path);
      this.engine = this._engine();
      throwIfAny(checkGatewayAnswer(props.gateway), this.node.path);
      throwIfAny([...checkFrontProps(props), ...this.checkModel()], this.node.path);
      checkLater(this, () => this.checkModel());
      const { configMap, serviceAccount, workload } = this.makeObjects();
      this.configMap = configMap;
      this.serviceAccount = serviceAccount;
      this.workload = workload;
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
   * Where the proxy listens, and how a virtual IP checks it.
   */
  public toHostListenerConfig(): HostListenerConfig {
    const { nodes, replicas } = this.props;
    const { health, listeners } = this.model();
    const ipv6 = listeners.every(listener => listener.addresses.includes('::'));
    return { nodes, hostPorts: this.answeringPorts(), health: { ...health, user: ROOT }, lameDuckPeriod: this.lameDuckPeriod(), ipv6, replicas };
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

  /** For clients, and for the check of a virtual IP. */
  private answeringPorts(): HostPort[] {
    const { listeners, health } = this.model();
    return [...listeners.map(listener => HostPort.tcp(listener.port)), HostPort.loopback(health.port, health.address)];
  }

  private model(): ProxyModel {
    const memoryLimit = this.resources().memory?.limit;
    return planProxy(this.props, this.routes, {
      // with the namespace: a proxy of the same name in another namespace is another proxy
      name: `${namespaceOf(this)}/${nameOf(this)}`,
      memoryLimitBytes: memoryLimit && memoryLimit.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024,
      virtualAddresses: this.props.metrics ? virtualAddressesOn(this, this.props.nodes) : [],
    });
  }

  private checkModel(): Problem[] {
    const model = this.model();
    return [...checkProxy(model), ...this.engine.check(model)];
  }

  private process(): ContainerProcess {
    return this.engine.process(this.model(), { lameDuckSeconds: this.lameDuckPeriod().toSeconds(), drainSeconds: this.drainSeconds() });
  }

  private resources(): kplus.ContainerResources {
    return this.props.resources ?? { cpu: { request: REQUESTS.cpu }, memory: { request: REQUESTS.memory, limit: this.engine.memoryLimit } };
  }

  private drainSeconds(): number {
    return (this.props.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT).toSeconds();
  }

  private lameDuckPeriod(): Duration {
    return this.props.lameDuckPeriod ?? DEFAULT_LAME_DUCK_PERIOD;
  }

  private makeObjects(): EngineWorkload {
    const { nodes, replicas, updateMode = UpdateMode.HITLESS } = this.props;
    const { application, image } = this.engine;
    const hitless = replicas === undefined && updateMode === UpdateMode.HITLESS;
    const model = this.model();
    return new EngineWorkload(this, {
      options: this.props,
      application,
      component: 'front-proxy',
      defaultImage: image,
      defaultResources: this.resources(),
      process: () => this.process(),
      env: { POD_NAME: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_NAME) },
      privileges: bindPorts(boundPorts(model), ROOT),
      readinessFailures: 3,
      // with declared ports, the scheduler would keep the new pod off the node until the old one has gone
      declaredPorts: hitless ? undefined : model.listeners.map(listener => listener.port),
      nodes,
      replicas,
      maxSurge: hitless ? 1 : 0,
      minReadySeconds: 3,
      terminationGraceSeconds: this.lameDuckPeriod().toSeconds() + this.drainSeconds() + EXIT_SECONDS,
      guard: guardOf(model),
    });
  }
}

/** The compiler does not tell a user that a class must have an engine, because declarations leave out internal members. */
function checkEngine(engine: unknown, name: string): Problem[] {
  return checkThat(engine !== undefined, {
    code: 'type-wrong',
    what: `${name} extends FrontProxy itself, and so has no engine`,
    fix: 'extend FrontEnvoy, FrontHaproxy or FrontNginx',
  });
}

/** The guard finds other root processes on a shared port, and DNAT rules that take a port away. The kernel reports neither. */
function guardOf(model: ProxyModel): Guard {
  return {
    name: 'port-guard',
    script: PORT_GUARD,
    command: portGuardCommand({ ports: boundPorts(model), identity: model.name, health: model.health }),
    // on the host network these are the node's addresses; `status.hostIPs` is newer than Kubernetes 1.27
    env: { [NODE_ADDRESSES]: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_IPS) },
    privileges: UNPRIVILEGED,
    resources: GUARD_RESOURCES,
  };
}
