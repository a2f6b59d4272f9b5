// the pod of a gateway on the host network, written out in full because Istio's injector skips such pods
import { EmptyDirMedium, EnvFieldPaths, EnvValue, ResourceFieldPaths, Volume } from 'cdk8s-plus-27';
import type { VolumeMount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { discoveryAddress } from './istio-options';
import type { IstioMesh } from './istio-options';
import type { RawVolume } from '../workload/kplus-patches';

/** Container of every Istio proxy. */
export const ISTIO_PROXY_CONTAINER = 'istio-proxy';

/** What the container of Istio's proxy needs. */
export interface IstioProxyProps {
  readonly mesh: IstioMesh;
  readonly name: string;
  readonly namespace: string;
  readonly kind: 'daemonsets' | 'deployments';
  /** Part of the proxy's configuration; see `topologyConfig()`. */
  readonly topology: object;
  /** How long the proxy runs at least after it is told to stop, even without connections. */
  readonly lameDuckSeconds: number;
}

/** Arguments that run `proxyv2` as a gateway instead of a sidecar. */
export function proxyArgs(mesh: IstioMesh): string[] {
  return [
    'proxy', 'router',
    '--domain', `$(POD_NAMESPACE).svc.${mesh.clusterDomain}`,
    '--proxyLogLevel=warning',
    '--proxyComponentLogLevel=misc:error',
    '--log_output_level=default:info',
  ];
}

/**
 * The environment of Istio's gateway injection template. A missing variable may cause no error:
 * without ISTIO_META_CLUSTER_ID HTTP works, but HTTPS fails.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/manifests/charts/istio-control/istio-discovery/files/gateway-injection-template.yaml
 */
export function proxyEnvironment(props: IstioProxyProps): { [name: string]: EnvValue } {
  const { mesh } = props;
  const text = (value: string) => EnvValue.fromValue(value);
  const field = (path: EnvFieldPaths) => EnvValue.fromFieldRef(path);
  const resource = (path: ResourceFieldPaths) => EnvValue.fromResource(path, { divisor: '1' });
  return {
    PILOT_CERT_PROVIDER: text('istiod'),
    CA_ADDR: text(discoveryAddress(mesh)),
    POD_NAME: field(EnvFieldPaths.POD_NAME),
    POD_NAMESPACE: field(EnvFieldPaths.POD_NAMESPACE),
    INSTANCE_IP: field(EnvFieldPaths.POD_IP),
    SERVICE_ACCOUNT: field(EnvFieldPaths.SERVICE_ACCOUNT_NAME),
    HOST_IP: field(EnvFieldPaths.NODE_IP),
    ISTIO_CPU_LIMIT: resource(ResourceFieldPaths.CPU_LIMIT),
    PROXY_CONFIG: text(JSON.stringify(proxyConfig(props))),
    ISTIO_META_POD_PORTS: text('[]'),
    ISTIO_META_APP_CONTAINERS: text(''),
    GOMEMLIMIT: resource(ResourceFieldPaths.MEMORY_LIMIT),
    GOMAXPROCS: resource(ResourceFieldPaths.CPU_LIMIT),
    ISTIO_META_CLUSTER_ID: text(mesh.clusterName),
    ISTIO_META_NODE_NAME: field(EnvFieldPaths.NODE_NAME),
    ISTIO_META_INTERCEPTION_MODE: text('REDIRECT'),
    ISTIO_META_WORKLOAD_NAME: text(props.name),
    ISTIO_META_OWNER: text(`kubernetes://apis/apps/v1/namespaces/${props.namespace}/${props.kind}/${props.name}`),
    ISTIO_META_MESH_ID: text(mesh.meshId),
    TRUST_DOMAIN: text(mesh.trustDomain),
    ...(mesh.network && { ISTIO_META_NETWORK: text(mesh.network) }),
    ...dualStackEnvironment(mesh.dualStack),
    ...drainEnvironment(props.lameDuckSeconds),
  };
}

/** With it, the agent opens 15021 and 15090 on both address families, and istiod does so with the ports of `Gateway` resources. */
export function dualStackEnvironment(dualStack: boolean = false): { [name: string]: EnvValue } {
  return dualStack ? { ISTIO_DUAL_STACK: EnvValue.fromValue('true') } : {};
}

/**
 * After SIGTERM the agent answers 503 on 15021. Envoy still accepts connections, and asks its clients to reconnect. It exits when this time
 * is over and no client is connected. `healthcheck/fail` in a preStop hook has no effect: the agent asks Envoy only until it was ready once.
 */
export function drainEnvironment(lameDuckSeconds: number): { [name: string]: EnvValue } {
  return { MINIMUM_DRAIN_DURATION: EnvValue.fromValue(`${lameDuckSeconds}s`), EXIT_ON_ZERO_ACTIVE_CONNECTIONS: EnvValue.fromValue('true') };
}

/** The injector passes the mesh ConfigMap's defaults on to a pod. This pod is not injected, so they are set here. */
function proxyConfig({ mesh, topology }: IstioProxyProps): object {
  return {
    discoveryAddress: discoveryAddress(mesh),
    ...topology,
  };
}

/** Keeps Envoy's bootstrap, which holds private keys, off the disk. */
const MEDIA: { readonly [name: string]: EmptyDirMedium } = { 'istio-envoy': EmptyDirMedium.MEMORY };

/** Directories that the agent and Envoy write to; the root file system is read-only. */
export function writableMounts(scope: Construct): VolumeMount[] {
  const directories: { [name: string]: string } = {
    'workload-socket': '/var/run/secrets/workload-spiffe-uds',
    'credential-socket': '/var/run/secrets/credential-uds',
    'workload-certs': '/var/run/secrets/workload-spiffe-credentials',
    'istio-envoy': '/etc/istio/proxy',
    'istio-data': '/var/lib/istio/data',
  };
  return Object.entries(directories).map(([name, path]) => ({ path, volume: Volume.fromEmptyDir(scope, name, name, { medium: MEDIA[name] }) }));
}

/** Identity, root certificate and pod labels. cdk8s-plus-27 cannot make these kinds of volume. */
export const IDENTITY_VOLUMES: RawVolume[] = [
  {
    name: 'istio-token',
    mountPath: '/var/run/secrets/tokens',
    source: { projected: { sources: [{ serviceAccountToken: { path: 'istio-token', expirationSeconds: 43_200, audience: 'istio-ca' } }] } },
  },
  {
    name: 'istiod-ca-cert',
    mountPath: '/var/run/secrets/istio',
    source: { configMap: { name: 'istio-ca-root-cert' } },
  },
  {
    name: 'istio-podinfo',
    mountPath: '/etc/istio/pod',
    source: {
      downwardApi: {
        items: [
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
          { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } },
        ],
      },
    },
  },
];
