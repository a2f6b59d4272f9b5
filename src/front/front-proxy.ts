// what all front proxies have in common: everything but the engine
import { Duration, Size } from 'cdk8s';
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
import type { EngineOptions, ProxyModel } from '../engines/proxy-model';
import type { HostListenerConfig, IHostListener } from '../nodes/host-listener';
import { HostPort } from '../nodes/host-port';
import { claimHostPorts } from '../nodes/host-port-claims';
import { describeProblem, throwIfAny } from '../validation/problem';
import type { Problem } from '../validation/problem';
import { validateCall } from '../validation/shapes';
import { ConfigMount, scratchMounts } from '../workload/config-mount';
import type { Files } from '../workload/config-mount';
import { DEFAULT_DRAIN_TIMEOUT, EXIT_SECONDS } from '../workload/durations';
import { makeHostWorkload } from '../workload/host-workload';
import type { HostContainer } from '../workload/host-workload';
import { claimObjectNames, nameOf, namespaceOf, selectorLabels, standardLabels } from '../workload/names';
import { bindPorts, UNPRIVILEGED } from '../workload/privileges';
import { metadataOf } from '../workload/workload-options';
import type { ObjectMetadata } from '../workload/workload-options';

/** What one engine adds: its name, its default image, and how the model becomes a process. */
export interface FrontEngine {
  /** `app.kubernetes.io/name` of its objects. */
  readonly application: string;
  readonly image: string;
  /** For the default number of connections, some thousands of them with clients that do not keep up. */
  readonly memoryLimit: Size;
  readonly process: (model: ProxyModel, options: EngineOptions) => ContainerProcess;
  /** What this engine cannot do, beside what no engine can. */
  readonly check?: (model: ProxyModel) => Problem[];
}

/** A virtual IP leaves after two failed checks, or a second of silence: more than it needs, for a node that is busy. */
const DEFAULT_LAME_DUCK_PERIOD = Duration.seconds(3);

/**
 * An engine starts as root even where all ports are high: during a hitless update two pods share a port by SO_REUSEPORT,
 * which the kernel allows to processes of one user only, and the ports of the next version may be low.
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
 * `FrontEnvoy`, `FrontHaproxy` and `FrontNginx` are the three that there are.
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

  private readonly props: FrontProxyProps;
  private readonly name: string;
  private readonly routes: FrontRouteOptions[] = [];
  private readonly serverNames = new Set<string>();
  /** Until there is another route; cdk8s validates an App once for all, and again for each chart. */
  private planned?: ProxyModel;
  private problems?: string[];

  /**
   * @param scope Construct to which this one belongs.
   * @param id Part of the names of all objects.
   * @param props Nodes, gateway and more.
   */
  constructor(scope: Construct, id: string, props: FrontProxyProps) {
    super(scope, id);
    this.props = props;
    this.name = nameOf(this);
    throwIfAny(checkFrontProps(props), this.node.path);
    throwIfAny(this.checkModel(), this.node.path);
    this.problems = [];
    this.node.addValidation({ validate: () => this.problems ??= this.checkModel().map(problem => describeProblem(problem)) });

    const metadata = this.metadata();
    const files = this.files();
    const config = new ConfigMount(this, {
      ...metadata, fileNames: Object.keys(files), model: () => this.model(), files: () => this.files(),
    });
    this.configMap = config.configMap;
    this.serviceAccount = new kplus.ServiceAccount(this, 'ServiceAccount', { metadata, automountToken: false });
    this.workload = this.makeWorkload(config);
    claimHostPorts(this, props.nodes, this.hostPorts);
    claimObjectNames(this);
  }

  /**
   * Every port that the proxy takes on its nodes.
   */
  public get hostPorts(): HostPort[] {
    const { listeners, health } = this.model();
    return [...listeners.map(listener => HostPort.tcp(listener.port)), HostPort.loopback(health.port)];
  }

  /**
   * The ports that clients reach, with everything filled in.
   */
  public get listeners(): FrontListener[] {
    return resolveListeners(this.props);
  }

  /**
   * Sends TLS connections with these server names to another gateway, on every TLS listener.
   *
   * @param route Server names and gateway.
   * @throws list-empty, route-twice, route-without-tls, host-invalid, host-wildcard-invalid, gateway-port-unknown, gateway-on-other-nodes, proxy-protocol-mismatch
   */
  public addRoute(route: FrontRouteOptions): void {
    validateCall('FrontProxy.addRoute', { route }, this.node.path);
    throwIfAny(checkRoute(route, this.props, this.serverNames), this.node.path);
    route.serverNames.forEach(name => this.serverNames.add(name));
    this.routes.push({ ...route, serverNames: [...route.serverNames] });
    this.planned = this.problems = undefined;
  }

  /**
   * Where the proxy listens, and how to ask it whether it is well.
   */
  public toHostListenerConfig(): HostListenerConfig {
    const { nodes, replicas } = this.props;
    const { health, listeners } = this.model();
    const ipv6 = listeners.every(listener => listener.addresses.includes('::'));
    return { nodes, hostPorts: this.hostPorts, health: { ...health, user: ROOT }, lameDuckPeriod: this.lameDuckPeriod(), ipv6, replicas };
  }

  /** @internal */
  protected abstract _engine(): FrontEngine;

  private model(): ProxyModel {
    return this.planned ??= this.plan();
  }

  private plan(): ProxyModel {
    const memoryLimit = this.resources().memory?.limit;
    // proxies of one name in two namespaces are strangers to each other
    return planProxy(`${namespaceOf(this)}/${this.name}`, this.props, this.routes, memoryLimit && memoryLimit.toKibibytes() * 1024);
  }

  private checkModel(): Problem[] {
    const model = this.model();
    return [...checkProxy(model), ...this._engine().check?.(model) ?? []];
  }

  private process(): ContainerProcess {
    return this._engine().process(this.model(), { lameDuckSeconds: this.lameDuckPeriod().toSeconds(), drainSeconds: this.drainSeconds() });
  }

  /** The engine's, and what runs before it. */
  private files(): Files {
    return { ...this.process().files, [PORT_GUARD.file]: PORT_GUARD.text };
  }

  private resources(): kplus.ContainerResources {
    return this.props.resources ?? { cpu: { request: REQUESTS.cpu }, memory: { request: REQUESTS.memory, limit: this._engine().memoryLimit } };
  }

  private drainSeconds(): number {
    return (this.props.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT).toSeconds();
  }

  private lameDuckPeriod(): Duration {
    return this.props.lameDuckPeriod ?? DEFAULT_LAME_DUCK_PERIOD;
  }

  private metadata(): ObjectMetadata {
    return metadataOf(this, this.props, standardLabels(this, this._engine().application, 'front-proxy'));
  }

  private makeWorkload(config: ConfigMount<ProxyModel>): kplus.DaemonSet | kplus.Deployment {
    const { nodes, replicas, updateMode = UpdateMode.HITLESS, imagePullSecretName } = this.props;
    const hitless = replicas === undefined && updateMode === UpdateMode.HITLESS;
    return makeHostWorkload(this, {
      ...this.metadata(),
      selectorLabels: selectorLabels(this, this._engine().application),
      podAnnotations: config.checksum,
      nodes,
      replicas,
      maxSurge: hitless ? 1 : 0,
      minReadySeconds: 3,
      terminationGraceSeconds: this.lameDuckPeriod().toSeconds() + this.drainSeconds() + EXIT_SECONDS,
      serviceAccount: this.serviceAccount,
      imagePullSecretName,
      initContainers: [this.guard(config)],
      container: this.container(config, hitless),
    });
  }

  private container(config: ConfigMount<ProxyModel>, hitless: boolean): HostContainer {
    const { command, readiness, preStop, files, writableDirectories } = this.process();
    const model = this.model();
    return {
      name: this._engine().application,
      image: this.image(),
      imagePullPolicy: this.props.imagePullPolicy,
      command,
      env: { POD_NAME: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_NAME) },
      privileges: bindPorts(boundPorts(model), ROOT),
      resources: this.resources(),
      readiness: kplus.Probe.fromCommand(readiness, {
        periodSeconds: Duration.seconds(2), timeoutSeconds: Duration.seconds(3), failureThreshold: 3,
      }),
      preStop,
      mounts: [
        ...config.mountsOf(...Object.keys(files)),
        ...scratchMounts(this, writableDirectories),
      ],
      // declared ports would keep the new pod off the node until the old one is gone
      declaredPorts: hitless ? undefined : model.listeners.map(listener => listener.port),
    };
  }

  /** A second root process could share a port of ours, or we one of its, and a DNAT rule take it away, all without a word from the kernel. */
  private guard(config: ConfigMount<ProxyModel>): HostContainer {
    const model = this.model();
    return {
      name: 'port-guard',
      image: this.image(),
      imagePullPolicy: this.props.imagePullPolicy,
      command: portGuardCommand({ ports: boundPorts(model), identity: model.name, health: model.health }),
      // of a pod on the host network: `status.hostIPs` is newer than Kubernetes 1.27
      env: { [NODE_ADDRESSES]: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_IPS) },
      privileges: UNPRIVILEGED,
      resources: GUARD_RESOURCES,
      mounts: config.mountsOf(PORT_GUARD.file),
    };
  }

  private image(): string {
    return this.props.image ?? this._engine().image;
  }
}
