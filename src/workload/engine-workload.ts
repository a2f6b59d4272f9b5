// the objects of one engine: its configuration, its identity, and the pods that run it
import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { VolumeMount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { ConfigMount, scratchMounts } from './config-mount';
import type { Files } from './config-mount';
import { millis } from './container-resources';
import { makeHostWorkload } from './host-workload';
import type { HostContainer, HostWorkloadProps } from './host-workload';
import { patchPorts } from './kplus-patches';
import { registerObjects, selectorLabels, standardLabels } from './names';
import { metadataOf, wholePodOptions } from './workload-options';
import type { EdgeWorkloadOptions } from './workload-options';
import type { ContainerProcess } from '../engines/container-process';
import type { Script } from '../engines/script';
import { imageIn } from '../validation/images';

/**
 * A container that hangs restarts after about 60 s. On a node without free CPU time, a probe takes longer than its
 * period. It must not fail for that reason, so its timeout is long. A hung process needs no time to end.
 */
export const LIVENESS = { periodSeconds: 10, timeoutSeconds: 30, failures: 5, graceSeconds: 1 };

/** The pods, as far as engines differ in them. */
type PodProps = Pick<
  HostWorkloadProps, 'nodes' | 'replicas' | 'maxSurge' | 'minReadySeconds' | 'terminationGraceSeconds'
>;

/** The engine's container, as far as engines differ in it. */
type EngineContainer = Pick<HostContainer, 'env' | 'privileges' | 'declaredPorts'>;

/** A check that runs before the engine, in the engine's image. */
export interface Guard extends Pick<HostContainer, 'name' | 'command' | 'env' | 'privileges' | 'resources'> {
  readonly script: Script;
}

/** A container beside the engine, with files of its own. */
export interface Sidecar extends Pick<HostContainer, 'name' | 'image' | 'env' | 'privileges' | 'resources'> {
  /** As that of the engine. */
  readonly process: () => ContainerProcess;
  /** What it may do in the engine's writable directories. @default - it does not see them */
  readonly engineDirectories?: 'read' | 'write';
}

/** What a pod has for the ports of its engine. */
export interface PodPorts extends Pick<HostContainer, 'privileges' | 'declaredPorts'> {
  readonly guard: Guard & { readonly command: string[] };
}

/** What an engine needs in the cluster. */
export interface EngineWorkloadProps extends PodProps, EngineContainer {
  /** The user's choices; they replace the defaults below. */
  readonly options: EdgeWorkloadOptions;
  /** `app.kubernetes.io/name` of all objects, and name of the container. */
  readonly application: string;
  /** `app.kubernetes.io/component` of all objects. */
  readonly component: string;
  readonly defaultImage: string;
  readonly defaultResources: kplus.ContainerResources;
  /** What the engine needs now. After construction only its texts may change, and what `changePorts()` writes. */
  readonly process: () => ContainerProcess;
  /** Failures of the readiness probe in a row before the pod is unready. */
  readonly readinessFailures: number;
  readonly guard?: Guard;
  readonly sidecars?: Sidecar[];
}

/** A front proxy or keepalived in the cluster. All objects are children of the scope. */
export class EngineWorkload {
  public readonly configMap: kplus.ConfigMap;
  public readonly serviceAccount: kplus.ServiceAccount;
  public readonly workload: kplus.Workload;
  private readonly config: ConfigMount;

  constructor(scope: Construct, private readonly props: EngineWorkloadProps) {
    const { application, options, guard, sidecars = [] } = props;
    const process = props.process();
    const metadata = metadataOf(scope, options, standardLabels(scope, application, props.component));
    this.config = new ConfigMount(scope, { ...metadata, files: () => filesOf(props.process(), props) });
    this.configMap = this.config.configMap;
    this.serviceAccount = new kplus.ServiceAccount(scope, 'ServiceAccount', { metadata, automountToken: false });
    const scratch = scratchMounts(scope, process.writableDirectories);
    this.workload = makeHostWorkload(scope, {
      ...props,
      ...metadata,
      selectorLabels: selectorLabels(scope, application),
      podAnnotations: this.config.checksumAnnotation,
      serviceAccount: this.serviceAccount,
      ...wholePodOptions(options),
      container: this.container(props, process, scratch),
      sidecars: sidecars.map(sidecar => this.sidecar(scope, sidecar, options, scratch)),
      initContainers: guard && [this.guard(guard)],
    });
    registerObjects(scope);
  }

  /** For an engine that has got further ports: what its pod has for all of them. */
  public changePorts(ports: PodPorts): void {
    const { readiness, preStop } = this.props.process();
    patchPorts(this.workload, { ...ports, readiness, preStop, guardCommand: ports.guard.command });
  }

  private guard(guard: Guard): HostContainer {
    return { ...guard, ...imageOf(this.props), resources: this.limited(guard.resources), mounts: this.config.mountsOf(guard.script.file) };
  }

  private sidecar(scope: Construct, sidecar: Sidecar, options: EdgeWorkloadOptions, scratch: VolumeMount[]): HostContainer {
    const { process, engineDirectories, ...container } = sidecar;
    const { command, liveness, files, writableDirectories } = process();
    const mounts = [
      ...this.config.mountsOf(...Object.keys(files)),
      ...scratchMounts(scope, writableDirectories),
      ...(engineDirectories ? scratch.map(mount => ({ ...mount, readOnly: engineDirectories === 'read' || undefined })) : []),
    ];
    const { imagePullPolicy, imageRegistry } = options;
    return {
      ...container,
      resources: this.limited(sidecar.resources),
      image: imageIn(imageRegistry, sidecar.image),
      imagePullPolicy,
      command,
      liveness: livenessOf(liveness),
      mounts,
    };
  }

  /**
   * Other containers have the CPU limit of the main one, unless they have their own. A ResourceQuota for CPU limits refuses a pod in which
   * one container has none. An init container adds nothing to the pod's sum, because it runs before the others.
   */
  private limited(resources: kplus.ContainerResources): kplus.ContainerResources {
    const limit = resources.cpu?.limit ?? this.resources.cpu?.limit;
    return limit === undefined ? resources : { ...resources, cpu: { limit, request: lower(resources.cpu?.request ?? limit, limit) } };
  }

  private get resources(): kplus.ContainerResources {
    return this.props.options.resources ?? this.props.defaultResources;
  }

  private container(props: EngineWorkloadProps, process: ContainerProcess, scratch: VolumeMount[]): HostContainer {
    const { command, readiness, liveness, preStop, files } = process;
    return {
      ...imageOf(props),
      name: props.application,
      command,
      env: props.env,
      privileges: props.privileges,
      resources: this.resources,
      readiness: kplus.Probe.fromCommand(readiness, {
        periodSeconds: Duration.seconds(2),
        timeoutSeconds: Duration.seconds(3),
        failureThreshold: props.readinessFailures,
      }),
      liveness: livenessOf(liveness),
      preStop,
      mounts: [...this.config.mountsOf(...Object.keys(files)), ...scratch],
      declaredPorts: props.declaredPorts,
    };
  }
}

function livenessOf(command: string[]): HostContainer['liveness'] {
  if (command.length === 0) {
    return undefined;
  }
  const probe = kplus.Probe.fromCommand(command, {
    periodSeconds: Duration.seconds(LIVENESS.periodSeconds),
    timeoutSeconds: Duration.seconds(LIVENESS.timeoutSeconds),
    failureThreshold: LIVENESS.failures,
  });
  return { probe, graceSeconds: LIVENESS.graceSeconds };
}

function lower(one: kplus.Cpu, other: kplus.Cpu): kplus.Cpu {
  return millis(one) < millis(other) ? one : other;
}

/** The files of all containers. */
function filesOf({ files }: ContainerProcess, { guard, sidecars = [] }: EngineWorkloadProps): Files {
  const others = sidecars.map(sidecar => sidecar.process().files);
  return Object.assign({}, files, guard && { [guard.script.file]: guard.script.text }, ...others) as Files;
}

function imageOf({ options, defaultImage }: EngineWorkloadProps): Pick<HostContainer, 'image' | 'imagePullPolicy'> {
  return { image: imageIn(options.imageRegistry, options.image ?? defaultImage), imagePullPolicy: options.imagePullPolicy };
}
