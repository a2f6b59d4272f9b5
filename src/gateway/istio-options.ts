// which mesh a gateway belongs to: the names that istiod, its certificates and its DNS go by
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkImagePrefix, checkIstioVersion, checkLabels, checkThat } from '../validation/values';

/** Registry and path of Istio's images; the version is the tag. */
const ISTIO_HUB = 'docker.io/istio';

/**
 * The mesh that a gateway belongs to. Everything but the version has Istio's own default.
 */
export interface IstioOptions {
  /**
   * Version of the control plane, such as `1.31.0`: the tag of the gateway's image.
   *
   * Another one is an upgrade: control plane first, then this. The image is `<hub>/proxyv2:<version>`: give `hub` too where istiod's own is another.
   *
   * @default - what istiod injects; `HostNetworkIngressGateway`, whose pod is written out in full, needs it unless `image` is given
   * @see https://istio.io/latest/docs/releases/supported-releases/
   */
  readonly version?: string;

  /**
   * Revision of the control plane; for injected gateways a tag too.
   *
   * @default - the default revision
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  readonly revision?: string;

  /**
   * Registry and path of Istio's images.
   *
   * @default "docker.io/istio"
   */
  readonly hub?: string;

  /**
   * Namespace of istiod.
   *
   * @default "istio-system"
   */
  readonly namespace?: string;

  /**
   * Trust domain of the mesh's certificates.
   *
   * @default "cluster.local"
   */
  readonly trustDomain?: string;

  /**
   * Name of this cluster in the mesh; istiod refuses certificates to a gateway that gives another.
   *
   * @default "Kubernetes"
   */
  readonly clusterName?: string;

  /**
   * DNS domain of the cluster.
   *
   * @default "cluster.local"
   */
  readonly clusterDomain?: string;

  /**
   * Network of the gateway in a mesh of several networks.
   *
   * @default - none
   */
  readonly network?: string;

  /**
   * Whether istiod runs with `ISTIO_DUAL_STACK=true`.
   *
   * A gateway on dual-stack nodes then listens on IPv6 too. Without, Istio opens ports on IPv4 only wherever a node has both families. For host gateways, whose pods are written out in full.
   *
   * @default false
   * @see https://istio.io/latest/docs/setup/additional-setup/dual-stack/
   */
  readonly dualStack?: boolean;

  /**
   * Identity of the mesh.
   *
   * @default - the trust domain
   */
  readonly meshId?: string;
}

/** The same with every default filled in. */
export interface IstioMesh {
  readonly version?: string;
  readonly revision?: string;
  readonly hub: string;
  readonly namespace: string;
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly clusterDomain: string;
  readonly network?: string;
  readonly dualStack: boolean;
  readonly meshId: string;
}

/** Fills in Istio's own defaults. */
export function meshOf(options: IstioOptions = {}): IstioMesh {
  const trustDomain = options.trustDomain ?? 'cluster.local';
  return {
    ...options,
    hub: options.hub ?? ISTIO_HUB,
    namespace: options.namespace ?? 'istio-system',
    trustDomain,
    clusterName: options.clusterName ?? 'Kubernetes',
    clusterDomain: options.clusterDomain ?? 'cluster.local',
    dualStack: options.dualStack ?? false,
    meshId: options.meshId ?? trustDomain,
  };
}

/** All problems with the names of a mesh. */
export function checkMesh(mesh: IstioMesh): Problem[] {
  return [
    ...(mesh.version === undefined ? [] : checkIstioVersion('istio.version', mesh.version)),
    ...(mesh.revision === undefined ? [] : checkDnsLabel('istio.revision', mesh.revision)),
    ...checkImagePrefix('istio.hub', mesh.hub),
    ...checkDnsLabel('istio.namespace', mesh.namespace),
    ...checkDnsName('name-invalid', 'istio.trustDomain', mesh.trustDomain),
    ...checkDnsName('name-invalid', 'istio.clusterDomain', mesh.clusterDomain),
    ...Object.entries({ clusterName: mesh.clusterName, meshId: mesh.meshId, network: mesh.network })
      .flatMap(([option, value]) => value === undefined ? [] : checkMeshName(`istio.${option}`, value)),
  ];
}

/** Istio that is older reads it and does nothing. */
export function checkEdgeProfile({ version }: IstioMesh, edgeProfile: boolean = false): Problem[] {
  const isTooOld = version !== undefined && /^1\.([0-9]|[12][0-9]|30)\./.test(version);
  return checkThat(!edgeProfile || !isTooOld, {
    code: 'istio-version-too-old', what: 'edgeProfile is given, but this version does not know it', got: version, fix: 'upgrade Istio to 1.31, or leave it out',
  });
}

/** Names that end up in labels and certificates. */
function checkMeshName(what: string, name: string): Problem[] {
  return name === '' ? [{ code: 'name-invalid', what: `${what} is empty`, fix: 'leave it out for the default' }] : checkLabels(what, { name });
}

/** What the injector fills in by itself: an option that nobody reads is a misunderstanding. */
export function checkInjected(options: IstioOptions = {}): Problem[] {
  const filledIn: (keyof IstioOptions)[] = ['namespace', 'trustDomain', 'clusterName', 'dualStack', 'meshId'];
  const unread: (keyof IstioOptions)[] = options.version === undefined ? ['hub', ...filledIn] : filledIn;
  return unread.filter(option => options[option] !== undefined).map(option => ({
    code: 'option-unused',
    what: `istio.${option} is given, but the pods are injected`,
    got: options[option],
    fix: option === 'hub' ? 'give istio.version too, or leave it out: the control plane fills both in' : 'leave it out: the control plane fills it in',
  }));
}

/** Agent and Envoy of the mesh's version. */
export function proxyImage({ hub, version }: IstioMesh): string {
  return `${hub}/proxyv2:${version}`;
}

/** Where the control plane of this revision is reached. */
export function discoveryAddress(mesh: IstioMesh): string {
  const service = mesh.revision === undefined || mesh.revision === 'default' ? 'istiod' : `istiod-${mesh.revision}`;
  return `${service}.${mesh.namespace}.svc:15012`;
}
