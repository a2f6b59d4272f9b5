// a pod on the host network, as DaemonSet or Deployment: DNS, placement, privileges, update strategy, graceful end
import { Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { makeDisruptionBudget } from './disruption-budget';
import { patchPod, patchUpdateStrategy } from './kplus-patches';
import type { RawVolume } from './kplus-patches';
import type { Annotations, Labels } from './names';
import { securityContextOf } from './privileges';
import type { Privileges } from './privileges';
import { tolerate } from './tolerations';
import { pullSecret } from './workload-options';
import type { WholePodOptions } from './workload-options';
import { EdgeNodes } from '../nodes/edge-nodes';

/** One container. It states everything that cdk8s-plus would otherwise choose. */
export interface HostContainer {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: kplus.ImagePullPolicy;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: { [name: string]: kplus.EnvValue };
  readonly privileges: Privileges;
  readonly resources: kplus.ContainerResources;
  readonly readiness?: kplus.Probe;
  /** `graceSeconds`: from the last failure to SIGKILL, less than the pod's own time. */
  readonly liveness?: { readonly probe: kplus.Probe; readonly graceSeconds: number };
  readonly preStop?: string[];
  readonly mounts: kplus.VolumeMount[];
  /** Declared only where two pods may never share a node: the scheduler then keeps them apart. */
  readonly declaredPorts?: number[];
}

/** What a workload on the host network needs. */
export interface HostWorkloadProps extends WholePodOptions {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly selectorLabels: Labels;
  readonly annotations: Annotations;
  readonly podLabels?: Labels;
  readonly podAnnotations: Annotations;
  readonly nodes: EdgeNodes;
  /** Undefined: a DaemonSet, with one pod on each node. */
  readonly replicas?: number;
  /** 1: the new pod runs beside the old one until it is ready; 0: the old one goes first. */
  readonly maxSurge: 0 | 1;
  readonly minReadySeconds: number;
  readonly terminationGraceSeconds: number;
  readonly serviceAccount: kplus.IServiceAccount;
  readonly container: HostContainer;
  /** Further containers. Each can restart alone. */
  readonly sidecars?: HostContainer[];
  readonly initContainers?: HostContainer[];
  readonly rawVolumes?: RawVolume[];
}

/** Eviction of the edge is an outage, so the kubelet evicts it last. Any namespace may use it since Kubernetes 1.17. */
const PRIORITY_CLASS = 'system-node-critical';

/** Makes the workload, as child `DaemonSet` or `Deployment` of the scope. */
export function makeHostWorkload(scope: Construct, props: HostWorkloadProps): kplus.DaemonSet | kplus.Deployment {
  const workload = props.replicas === undefined
    ? makeDaemonSet(scope, props)
    : makeDeployment(scope, props, props.replicas);
  workload.select(kplus.LabelSelector.of({ labels: { ...props.selectorLabels } }));
  place(workload, props);
  if (workload instanceof kplus.Deployment) {
    workload.scheduling.separate(workload, { topology: kplus.Topology.HOSTNAME });
  }
  const { initContainers = [], sidecars = [] } = props;
  const containers = [props.container, ...sidecars];
  patchPod(workload, {
    containers: containers.map(container => container.privileges),
    livenessGraceSeconds: containers.map(container => container.liveness?.graceSeconds),
    initContainers: initContainers.map(container => container.privileges),
    rawVolumes: props.rawVolumes ?? [],
    priorityClassName: props.priorityClassName ?? PRIORITY_CLASS,
  });
  return workload;
}

function makeDaemonSet(scope: Construct, props: HostWorkloadProps): kplus.DaemonSet {
  const daemonSet = new kplus.DaemonSet(scope, 'DaemonSet', {
    ...podProps(scope, props), minReadySeconds: props.minReadySeconds,
  });
  patchUpdateStrategy(daemonSet, props.maxSurge, 1 - props.maxSurge);
  return daemonSet;
}

/** Without surge: a new pod would wait for the host port that the old pod still has. */
function makeDeployment(scope: Construct, props: HostWorkloadProps, replicas: number): kplus.Deployment {
  makeDisruptionBudget(scope, { ...props, replicas });
  return new kplus.Deployment(scope, 'Deployment', {
    ...podProps(scope, props),
    replicas,
    minReady: Duration.seconds(props.minReadySeconds),
    strategy: kplus.DeploymentStrategy.rollingUpdate({
      maxSurge: kplus.PercentOrAbsolute.absolute(0),
      maxUnavailable: kplus.PercentOrAbsolute.absolute(1),
    }),
  });
}

function podProps(scope: Construct, props: HostWorkloadProps): kplus.WorkloadProps {
  const { name, namespace, labels, annotations } = props;
  return {
    metadata: { name, namespace, labels: { ...labels }, annotations: { ...annotations } },
    podMetadata: {
      labels: { ...labels, ...props.podLabels },
      annotations: { ...annotations, ...props.podAnnotations },
    },
    select: false,
    hostNetwork: true,
    // the default uses the node's resolver, which cannot resolve Services
    dns: { policy: kplus.DnsPolicy.CLUSTER_FIRST_WITH_HOST_NET },
    serviceAccount: props.serviceAccount,
    automountServiceAccountToken: false,
    dockerRegistryAuth: pullSecret(scope, props.imagePullSecretName),
    terminationGracePeriod: Duration.seconds(props.terminationGraceSeconds),
    containers: [props.container, ...props.sidecars ?? []].map(containerProps),
    initContainers: props.initContainers?.map(containerProps),
  };
}

function containerProps(container: HostContainer): kplus.ContainerProps {
  return {
    name: container.name,
    image: container.image,
    imagePullPolicy: container.imagePullPolicy ?? kplus.ImagePullPolicy.IF_NOT_PRESENT,
    command: container.command,
    args: container.args,
    envVariables: container.env,
    resources: container.resources,
    readiness: container.readiness,
    liveness: container.liveness?.probe,
    lifecycle: container.preStop?.length ? { preStop: kplus.Handler.fromCommand(container.preStop) } : undefined,
    volumeMounts: container.mounts,
    ports: container.declaredPorts?.map(port => ({ number: port, hostPort: port, name: `tcp-${port}` })),
    securityContext: securityContextOf(container.privileges.user),
  };
}

/** Places pods on the nodes of the set, except nodes that are out of service. */
function place(workload: kplus.DaemonSet | kplus.Deployment, { nodes, tolerations = [] }: HostWorkloadProps): void {
  workload.scheduling.attract(kplus.Node.labeled(
    ...(nodes.hostnames.length > 0 ? [kplus.NodeLabelQuery.in('kubernetes.io/hostname', nodes.hostnames)] : []),
    ...Object.entries(nodes.labels).map(([key, value]) => kplus.NodeLabelQuery.is(key, value)),
    kplus.NodeLabelQuery.doesNotExist(EdgeNodes.MAINTENANCE_LABEL),
  ));
  tolerate(workload, [...nodes.taintKeys.map(key => ({ key })), ...tolerations]);
}
