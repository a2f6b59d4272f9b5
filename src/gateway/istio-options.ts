// the mesh that a gateway belongs to: version, namespace, trust domain and other names of its control plane
import { checkIstioHub } from '../validation/images';
import type { Problem } from '../validation/problem';
import { checkDnsLabel, checkDnsName, checkIstioVersion, checkLabelValue, checkThat } from '../validation/values';

/** Registry and path of Istio's images; the version is the tag. */
const ISTIO_HUB = 'docker.io/istio';

/** Namespace of istiod in Istio's own installations. */
export const ISTIO_NAMESPACE = 'istio-system';

/** DNS domain of a cluster that is not told another. */
export const CLUSTER_DOMAIN = 'cluster.local';

/**
 * The mesh that a gateway belongs to, as far as istiod does not tell the gateway's pods by itself.
 */
export interface IstioOptions {
  /**
   * Version of the control plane, such as `1.31.0`: the tag of the gateway's image.
   *
   * To upgrade, upgrade the control plane first, then raise this. The image is `<hub>/proxyv2:<version>`: give `hub` too if istiod uses another.
   *
   * @default - the version that istiod injects; `HostNetworkIngressGateway` requires it unless `image` is given
   * @see https://istio.io/latest/docs/releases/supported-releases/
   */
  readonly version?: string;

  /**
   * Revision of the control plane, or for injected gateways a tag of it.
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
}

/**
 * The mesh of a gateway on the host network, whose pod is written out in full. istiod does not complete such a pod.
 */
export interface HostIstioOptions extends IstioOptions {
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
   * Name of this cluster in the mesh. istiod refuses a certificate to a gateway with another name.
   *
   * @default "Kubernetes"
   */
  readonly clusterName?: string;

  /**
   * Whether istiod runs with `ISTIO_DUAL_STACK=true`.
   *
   * A gateway on dual-stack nodes then listens on IPv6 too. Without it, Istio opens ports on IPv4 only if a node has both families.
   *
   * @default false
   * @see https://istio.io/latest/docs/setup/additional-setup/dual-stack/
   */
  readonly dualStack?: boolean;

  /**
   * Id of the mesh.
   *
   * @default - the trust domain
   */
  readonly meshId?: string;
}

/** Options for which Istio has a default. */
type Defaulted = 'hub' | 'namespace' | 'trustDomain' | 'clusterName' | 'clusterDomain' | 'dualStack' | 'meshId';

/** A mesh with every default filled in. */
export type IstioMesh = HostIstioOptions & Required<Pick<HostIstioOptions, Defaulted>>;

/** Fills in Istio's own defaults. */
export function meshOf(options: HostIstioOptions = {}): IstioMesh {
  const trustDomain = options.trustDomain ?? 'cluster.local';
  return {
    ...options,
    hub: options.hub ?? ISTIO_HUB,
    namespace: options.namespace ?? ISTIO_NAMESPACE,
    trustDomain,
    clusterName: options.clusterName ?? 'Kubernetes',
    clusterDomain: options.clusterDomain ?? CLUSTER_DOMAIN,
    dualStack: options.dualStack ?? false,
    meshId: options.meshId ?? trustDomain,
  };
}

/** All problems with the names of a mesh. */
export function checkMesh(mesh: IstioMesh): Problem[] {
  return [
    ...(mesh.version === undefined ? [] : checkIstioVersion('istio.version', mesh.version)),
    ...(mesh.revision === undefined ? [] : checkDnsLabel('istio.revision', mesh.revision)),
    ...checkIstioHub('istio.hub', mesh.hub),
    ...checkDnsLabel('istio.namespace', mesh.namespace),
    ...checkDnsName('name-invalid', 'istio.trustDomain', mesh.trustDomain),
    ...checkDnsName('name-invalid', 'istio.clusterDomain', mesh.clusterDomain),
    // by default the id of the mesh is the trust domain, which can be longer than a label value
    ...Object.entries({ clusterName: mesh.clusterName, meshId: mesh.meshId === mesh.trustDomain ? undefined : mesh.meshId, network: mesh.network })
      .flatMap(([option, value]) => value === undefined ? [] : checkMeshName(`istio.${option}`, value)),
  ];
}

/** Whether a version of Istio 1 is older than this minor version of it. */
export function isOlderThan(version: string, minor: number): boolean {
  const [major, given] = version.split('.').map(Number);
  return major === 1 && given < minor;
}

/** An older Istio ignores the profile. */
export function checkEdgeProfile({ version }: IstioMesh, edgeProfile: boolean = false): Problem[] {
  return checkThat(!edgeProfile || version === undefined || !isOlderThan(version, 31), {
    code: 'istio-version-too-old', what: 'edgeProfile needs Istio 1.31 or newer', got: version, fix: 'upgrade Istio, or omit edgeProfile',
  });
}

/** Names that end up in labels and certificates. */
function checkMeshName(what: string, name: string): Problem[] {
  return name === '' ? [{ code: 'name-invalid', what: `${what} must not be empty`, fix: 'omit it for the default' }] : checkLabelValue(what, name);
}

/** istiod injects its own image, from its own hub, unless the version is given. */
export function checkHub({ hub, version }: IstioOptions = {}): Problem[] {
  return checkThat(hub === undefined || version !== undefined, {
    code: 'option-unused',
    what: 'istio.hub has no effect without istio.version',
    got: hub,
    fix: 'give istio.version too, or omit istio.hub: the control plane sets both',
  });
}

/** Image of Istio's proxy in the mesh's version. */
export function proxyImage({ hub, version }: IstioMesh): string {
  return `${hub}/proxyv2:${version}`;
}

/** Address of this revision's control plane. */
export function discoveryAddress(mesh: IstioMesh): string {
  const service = mesh.revision === undefined || mesh.revision === 'default' ? 'istiod' : `istiod-${mesh.revision}`;
  return `${service}.${mesh.namespace}.svc:15012`;
}
