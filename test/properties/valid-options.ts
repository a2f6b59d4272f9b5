// arbitrary valid options of each part. What depends on another part is a wish: valid-edges.ts makes it fit
import { ImagePullPolicy, TaintEffect } from 'cdk8s-plus-27';
import * as fc from 'fast-check';
import * as any from './arbitraries';
import { AccessLog, ForwardClientCertDetails, UnmatchedServerName, UpdateMode } from '../../src';
import { canonicalCidr } from '../../src/validation/addresses';

const optional = { requiredKeys: [] as [] };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const port = () => fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(1, 80, 443, 340, 341, 1023, 1024, 8080, 8443, 9165, 10_080, 15_022, 55_535, 55_536, 65_534, 65_535) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 65_535 }) },
);

const toleration = () => fc.oneof(
  fc.constant({}),
  fc.record({ key: any.labelKey() }),
  fc.record({ key: any.labelKey(), value: any.labelValue(), effect: fc.constantFrom(TaintEffect.NO_SCHEDULE, TaintEffect.PREFER_NO_SCHEDULE) }),
  fc.record({ effect: fc.constant(TaintEffect.NO_EXECUTE), evictAfter: any.duration(0, 365 * DAY, SECOND) }, { requiredKeys: ['effect'] }),
);

/** `EdgePodOptions` */
const podOptions = {
  imagePullSecretName: any.dnsName(),
  resources: any.resources(),
  priorityClassName: fc.oneof(fc.constant('system-cluster-critical'), any.dnsName()),
  tolerations: fc.array(toleration(), { maxLength: 4 }),
  labels: any.labels(),
  annotations: any.annotations(),
};

/** `EdgeWorkloadOptions` */
const workloadOptions = {
  ...podOptions,
  image: any.image(),
  imageRegistry: any.imageRegistry(),
  imagePullPolicy: fc.constantFrom(...Object.values(ImagePullPolicy)),
};

export const sharedOptions = () => fc.record({
  labels: any.labels(), annotations: any.annotations(), imageRegistry: any.imageRegistry(), imagePullSecretName: any.dnsName(),
}, optional);

export const metrics = () => fc.record({
  from: fc.uniqueArray(any.cidr(), { minLength: 1, maxLength: 4, selector: canonicalCidr }), port: port(),
}, { requiredKeys: ['from'] });

const listenerWish = () => fc.record({
  port: port(), other: fc.option(port(), { nil: undefined }), tls: fc.option(fc.boolean(), { nil: undefined }),
});

export const listenerWishes = () => fc.array(listenerWish(), { minLength: 1, maxLength: 20 });

/** `FrontProxyOptions` without listeners and ports. */
export const frontOptions = () => fc.record({
  ...workloadOptions,
  unmatchedServerName: fc.constantFrom(...Object.values(UnmatchedServerName)),
  updateMode: fc.constantFrom(...Object.values(UpdateMode)),
  connectTimeout: any.duration(10, MINUTE, 10),
  maxConnectAttempts: any.integer(1, 10),
  idleTimeout: any.duration(SECOND, 7 * DAY, SECOND),
  lameDuckPeriod: any.duration(SECOND, 10 * MINUTE, SECOND),
  drainTimeout: any.duration(10 * SECOND, HOUR, SECOND),
  fileDescriptors: any.integer(1024, 1_048_576),
  concurrency: any.integer(1, 256),
  accessLog: fc.constantFrom(...Object.values(AccessLog)),
}, optional);

/** Parts of the limits that depend on each other, as shares of what is allowed. */
export const shares = () => fc.record({
  maxConnections: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
  perClient: fc.option(fc.constantFrom(0, 0.1, 1), { nil: undefined }),
  replicas: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
});

/** `KeepalivedVipOptions` without what other parts decide. */
export const vipOptions = () => fc.record({
  ...workloadOptions,
  advertInterval: any.duration(10, 40_950, 10),
  preemptDelay: any.duration(0, 1000 * SECOND, SECOND),
  checkInterval: any.duration(100, 10 * SECOND, 10),
  checkFall: any.integer(1, 10),
  checkRise: any.integer(1, 10),
  metricsImage: any.image(),
}, optional);

const gatewayTopology = () => fc.record({
  numTrustedProxies: any.integer(0, 100), forwardClientCertDetails: fc.constantFrom(...Object.values(ForwardClientCertDetails)),
}, optional);

/** `GatewayOptions` */
const gatewayOptions = { gatewayTopology: gatewayTopology(), edgeProfile: fc.boolean(), drainTimeout: any.duration(10 * SECOND, HOUR, SECOND) };

const autoscaling = () => fc.record({
  minReplicas: any.integer(1, 500), maxReplicas: any.integer(500, 1000), targetCpuPercent: any.integer(1, 100),
}, { requiredKeys: ['maxReplicas'] });

const podGateway = { replicas: any.integer(1, 1000), autoscaling: autoscaling() };

/** Of `replicas` and `autoscaling`, only one is allowed, and autoscaling needs a CPU request. */
function oneOf<T extends { replicas?: number; autoscaling?: object; resources?: { cpu?: object } }>(options: T): T {
  const { autoscaling: scaling, replicas, ...rest } = options;
  const scales = scaling !== undefined && (options.resources === undefined || options.resources.cpu !== undefined);
  return (scales ? { ...rest, autoscaling: scaling } : replicas === undefined ? rest : { ...rest, replicas }) as T;
}

const meshName = () => fc.oneof(any.labelValue().filter(name => name !== ''), fc.constantFrom('Kubernetes', 'a.b_c-d'));

/** `IstioOptions`. The hub needs a version. */
const istio = {
  version: fc.constantFrom('1.26.0', '1.29.2', '1.30.0', '1.31.0', '1.31.1-rc.0', '1.31.0-alpha.1-x', '2.0.0'),
  revision: fc.oneof(any.dnsLabel(), fc.constantFrom('default', 'canary')),
  hub: fc.constantFrom('docker.io/istio', 'localhost:5000/a', 'registry.example.com:5000', 'istio'),
  clusterDomain: any.dnsName(63),
  network: meshName(),
};

const istioOptions = () => fc.record(istio, optional).map(({ hub, ...mesh }) => ({
  ...mesh, ...(hub !== undefined && mesh.version !== undefined && { hub }),
}));

const hostIstioOptions = () => fc.record({
  ...istio, namespace: any.dnsLabel(), trustDomain: any.dnsName(), clusterName: meshName(), dualStack: fc.boolean(), meshId: meshName(),
}, { requiredKeys: ['version'] });

/** The EDGE profile needs Istio 1.31. */
export function isOlderThan(version: string | undefined, minor: number): boolean {
  const [major, given] = (version ?? '99').split('.').map(Number);
  return major === 1 && given < minor;
}

function withProfile<T extends { edgeProfile?: boolean; istio?: { version?: string } }>({ edgeProfile, ...options }: T): T {
  const isRead = !isOlderThan(options.istio?.version, 31) && edgeProfile !== undefined;
  return { ...options, ...(isRead && { edgeProfile }) } as T;
}

/** `IngressGatewayOptions` without listeners. */
export const ingressGatewayOptions = () => fc.record({
  ...workloadOptions, ...gatewayOptions, ...podGateway, istio: istioOptions(),
}, optional).map(oneOf).map(withProfile);

/** `HostNetworkIngressGatewayOptions` without listeners and replicas. */
export const hostGatewayOptions = () => fc.record({
  ...workloadOptions, ...gatewayOptions, lameDuckPeriod: any.duration(SECOND, 45 * SECOND, SECOND), istio: hostIstioOptions(),
}, { requiredKeys: ['istio'] }).map(withProfile);

/** `ManagedIngressGatewayProps` without listeners. */
export const managedGatewayOptions = () => fc.record({
  ...podOptions, ...gatewayOptions, ...podGateway, revision: any.dnsLabel(), clusterDomain: any.dnsName(63),
}, optional).map(oneOf);

/** `ManagedHostNetworkIngressGatewayProps` without nodes, listeners and replicas. */
export const managedHostGatewayOptions = () => fc.record({
  ...podOptions, ...gatewayOptions, lameDuckPeriod: any.duration(SECOND, 45 * SECOND, SECOND),
  revision: any.dnsLabel(), istioNamespace: any.dnsLabel(), clusterDomain: any.dnsName(63), dualStack: fc.boolean(),
}, optional);

/** A path of a host, without its service. */
const segment = fc.oneof(fc.constantFrom('api', 'v1', '~', '$&', '\'', '(a)', '+,;=:@-', '...', '.a', 'null', '0'), any.dnsLabel());
export const pathPrefix = () => fc.tuple(fc.array(segment, { maxLength: 4 }), fc.boolean()).map(([segments, slash]) =>
  `/${segments.join('/')}${slash && segments.length > 0 ? '/' : ''}`);

export const pathOptions = () => fc.record({
  service: any.dnsLabel(), serviceNamespace: any.dnsLabel(), port: port(),
  timeout: any.duration(1, DAY), rewritePrefix: pathPrefix(),
  backendTls: fc.record({ serverName: any.dnsName(), ca: any.dnsName() }, { requiredKeys: ['serverName'] }),
  retries: fc.record({
    attempts: any.integer(0, 100), perTryTimeout: any.duration(1, DAY),
    retryOn: fc.uniqueArray(fc.constantFrom('5xx', 'reset', 'connect-failure', 'cancelled', '429', '503'), { minLength: 1 }),
  }, { requiredKeys: ['attempts'] }),
}, { requiredKeys: ['service', 'port'] });
