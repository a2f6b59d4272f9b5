// the same objects without the library: with cdk8s-plus-27, in one chart, with finished configuration texts
import { App, Chart, Duration, Size, Testing } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { CHECKSUM, endHungAtOnce, harden, labelsOf, metadataOf, mountsOf, onEdgeNodes, resources, securityOf, selectorOf } from './common';
import type { ConfigTexts, Labels } from './common';
import { makeGateway, makeNamespace, makeRoutes } from './gateway';
import type { MeasuredEdge, MeasuredService } from '../edge';
import { makeMeshEdge, NAMESPACE } from '../edge';

/** The configuration texts and commands that the author of a hand-written edge keeps in files. */
export interface HandWrittenParts {
  readonly envoy: WrittenPod;
  readonly keepalived: WrittenPod;
}

interface WrittenPod extends ConfigTexts {
  readonly image: string;
  readonly command: string[];
  readonly readiness: string[];
  readonly liveness: string[];
  readonly preStop?: string[];
  /** The init container's command, and the file that it reads. */
  readonly guard?: { readonly command: string[]; readonly file: string };
  readonly handover?: { readonly image: string; readonly command: string[]; readonly liveness: string[]; readonly files: string[] };
}

export function makeHandWrittenEdge(app: App, services: MeasuredService[], { envoy, keepalived }: HandWrittenParts): void {
  const chart = new Chart(app, 'edge', { namespace: NAMESPACE });
  makeNamespace(chart);
  makeGateway(chart);
  const proxy = makeDaemonSet(chart, {
    name: 'edge-front-envoy', application: 'front-envoy', component: 'front-proxy', pod: envoy, directory: '/run/front', env: { POD_NAME: kplus.EnvFieldPaths.POD_NAME },
    minReady: 3, grace: 68, failureThreshold: 3, resources: resources(100, 128, Size.gibibytes(3)),
  });
  harden(proxy, false, { 'containers/0': ['NET_BIND_SERVICE'], 'initContainers/0': [] });
  endHungAtOnce(proxy, 1);
  onEdgeNodes(proxy, 1);
  const vip = makeDaemonSet(chart, {
    name: 'edge-vip', application: 'keepalived', component: 'virtual-ip', pod: keepalived, directory: '/run/keepalived', env: { NODE_NAME: kplus.EnvFieldPaths.NODE_NAME },
    minReady: 5, grace: 10, failureThreshold: 2, resources: resources(200, 32, Size.mebibytes(64)),
  });
  harden(vip, false, { 'containers/0': ['NET_ADMIN', 'NET_RAW', 'SETGID'], 'containers/1': ['NET_ADMIN', 'NET_RAW'] });
  endHungAtOnce(vip, 2);
  onEdgeNodes(vip, 0);
  makeRoutes(chart, services);
}

interface DaemonSetParts {
  readonly name: string;
  readonly application: string;
  readonly component: string;
  readonly pod: WrittenPod;
  readonly directory: string;
  readonly env: { [name: string]: kplus.EnvFieldPaths };
  readonly minReady: number;
  readonly grace: number;
  readonly failureThreshold: number;
  readonly resources: kplus.ContainerResources;
}

function makeDaemonSet(chart: Chart, parts: DaemonSetParts): kplus.DaemonSet {
  const { name, application, pod } = parts;
  const labels: Labels = labelsOf(name, application, parts.component);
  const scope = new kplus.ServiceAccount(chart, name, { metadata: metadataOf(name, labels), automountToken: false });
  const mounts = mountsOf(scope, pod, labels, parts.directory);
  const envVariables = () => Object.fromEntries(Object.entries(parts.env).map(([key, path]) => [key, kplus.EnvValue.fromFieldRef(path)]));
  const liveness = (command: string[]) => kplus.Probe.fromCommand(command, {
    periodSeconds: Duration.seconds(10), timeoutSeconds: Duration.seconds(30), failureThreshold: 5,
  });
  const besides = [pod.guard?.file, ...pod.handover?.files ?? []];
  const daemonSet = new kplus.DaemonSet(scope, 'pods', {
    metadata: metadataOf(name, labels),
    podMetadata: { labels: { ...labels }, annotations: { [CHECKSUM]: pod.checksum } },
    select: false,
    minReadySeconds: parts.minReady,
    hostNetwork: true,
    dns: { policy: kplus.DnsPolicy.CLUSTER_FIRST_WITH_HOST_NET },
    serviceAccount: scope,
    automountServiceAccountToken: false,
    terminationGracePeriod: Duration.seconds(parts.grace),
    containers: [{
      name: application,
      image: pod.image,
      imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
      command: pod.command,
      envVariables: envVariables(),
      resources: parts.resources,
      readiness: kplus.Probe.fromCommand(pod.readiness, {
        periodSeconds: Duration.seconds(2), timeoutSeconds: Duration.seconds(3), failureThreshold: parts.failureThreshold,
      }),
      liveness: liveness(pod.liveness),
      lifecycle: pod.preStop && { preStop: kplus.Handler.fromCommand(pod.preStop) },
      volumeMounts: mounts.filter(({ subPath }) => subPath === undefined || !besides.includes(subPath)),
      securityContext: securityOf(0),
    }, ...(pod.handover === undefined ? [] : [{
      name: 'handover', image: pod.handover.image, imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT, command: pod.handover.command, liveness: liveness(pod.handover.liveness),
      envVariables: envVariables(), resources: resources(100, 32, Size.mebibytes(64)), securityContext: securityOf(0),
      volumeMounts: mounts.filter(({ subPath }) => subPath !== undefined && pod.handover!.files.includes(subPath)),
    }])],
    initContainers: pod.guard && [{
      name: 'port-guard', image: pod.image, imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT, command: pod.guard.command,
      resources: resources(10, 16, Size.mebibytes(32)), securityContext: securityOf(65_534),
      volumeMounts: mounts.filter(({ subPath }) => subPath === pod.guard!.file),
      envVariables: { NODE_ADDRESSES: kplus.EnvValue.fromFieldRef(kplus.EnvFieldPaths.POD_IPS) },
    }],
  });
  daemonSet.select(kplus.LabelSelector.of({ labels: selectorOf(name, application) }));
  return daemonSet;
}

/** The library's configuration texts, as if read from files: the author of this edge has them ready. */
export function partsOf(edge: MeasuredEdge): HandWrittenParts {
  const manifests = manifestsOf(app => makeMeshEdge(app, edge));
  const part = (workload: string): WrittenPod => {
    const { metadata, spec } = manifests.find(one => one.kind === 'DaemonSet' && one.metadata.name === workload).spec.template;
    const [container, handover] = spec.containers;
    const [guard] = spec.initContainers ?? [];
    const filesOf = (one?: { volumeMounts: { subPath?: string }[] }) => (one?.volumeMounts ?? []).flatMap(({ subPath }) => subPath ?? []);
    const configMap = manifests.find(one => one.metadata.name === spec.volumes[0].configMap.name);
    return {
      name: configMap.metadata.name,
      files: Object.fromEntries([...filesOf(container), ...filesOf(guard), ...filesOf(handover)].map(file => [file, configMap.data[file]])),
      checksum: metadata.annotations[CHECKSUM],
      image: container.image,
      command: container.command,
      readiness: container.readinessProbe.exec.command,
      liveness: container.livenessProbe.exec.command,
      preStop: container.lifecycle?.preStop.exec.command,
      guard: guard && { command: guard.command, file: filesOf(guard)[0] },
      handover: handover && {
        image: handover.image, command: handover.command, liveness: handover.livenessProbe.exec.command, files: filesOf(handover),
      },
    };
  };
  return { envoy: part('edge-front-envoy'), keepalived: part('edge-vip') };
}

/** Sorted manifests of an app, without the labels that cdk8s-plus derives from construct paths. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function manifestsOf(make: (app: App) => void): any[] {
  const app = Testing.app();
  make(app);
  const manifests = app.charts.flatMap(chart => Testing.synth(chart));
  const comparable = JSON.stringify(manifests, (key, value) => key === 'cdk8s.io/metadata.addr' ? undefined : value);
  const nameOf = (one: { kind: string; metadata: { name: string } }) => `${one.kind}/${one.metadata.name}`;
  return JSON.parse(comparable).sort((one: never, other: never) => nameOf(one) < nameOf(other) ? -1 : 1);
}
